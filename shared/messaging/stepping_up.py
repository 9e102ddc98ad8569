"""The caller's side of a step-up: told that a call needs a fresh proof, get one for exactly what was sent.

The hash of the command is computed here, over what this caller sends. A service that asks for a proof of anything else
gets none: otherwise one that is broken into could have its callers prove a factor for what they never saw.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.tokens import TokenInvalid, bearer_claims
from shared.messaging.client import RpcClient
from shared.messaging.command_hash import Asked


class Prove(Protocol):
    """Asks the person for a factor."""

    def __call__(self, deed: str, /, *, has_passkey: bool) -> Mapping[str, str]:
        """Return one field of a ProofSchema, e.g. `{"code": "123456"}`, for e.g. `invoices.configure_seller`."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """A call that may turn out to need a step-up."""

    service: str
    method: str
    request: Mapping[str, object]
    token: str = field(repr=False)
    idempotency_key: str | None = None
    """None for a query."""

    def send(self, client: RpcClient, prove: Prove) -> dict[str, Any]:
        """Call; where a fresh proof is needed, prove a factor and call again. Raises PublicError as `RpcClient.call`.

        step_up_invalid when the service asks for a proof of another command than this one.
        """
        try:
            return self._call(client, None)
        except PublicError as refused:
            if refused.code is not ErrorCode.STEP_UP_NEEDED:
                raise
            asked_for = refused.details.get("command_hash")
        asked = self._asked()
        if asked_for != asked.command_hash(self.idempotency_key):
            raise PublicError(ErrorCode.STEP_UP_INVALID, "The service asks for a proof of another command.")
        return self._call(client, self._proof(client, asked, prove))

    def _call(self, client: RpcClient, proof: str | None) -> dict[str, Any]:
        return client.call(
            self.service,
            self.method,
            dict(self.request),
            token=self.token,
            idempotency_key=self.idempotency_key,
            proof=proof,
        )

    def _asked(self) -> Asked:
        try:
            claims = bearer_claims(self.token)
        except TokenInvalid:
            raise PublicError(ErrorCode.TOKEN_INVALID, "The token cannot be read.") from None
        return Asked(self.service, self.method, claims.get("tenant"), dict(self.request), claims.get("sub"))

    def _proof(self, client: RpcClient, asked: Asked, prove: Prove) -> str:
        wanted = {
            "service": self.service,
            "method": self.method,
            "command_hash": asked.command_hash(self.idempotency_key),
        }
        begun = client.call("auth", "begin_step_up", wanted, token=self.token)
        shown = {"challenge": begun["challenge"], **prove(asked.deed, has_passkey="passkey_options" in begun)}
        return str(client.call("auth", "complete_step_up", shown, token=self.token)["proof"])
