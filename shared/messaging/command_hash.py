"""What makes a command exactly this one: the hash that idempotency and step-up proofs are bound to.

Both ends compute it: the client over what it sends, the service over what it received.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Retry(Enum):
    """Whose repetition of a command, under the same key, gets the first answer."""

    BY_CALLER = "by_caller"
    """The same person's or service's: whoever else comes with the key is told `idempotency_conflict`."""
    BY_ANYBODY = "by_anybody"
    """Anybody's who may do it: a colleague goes on with an import. The method judges, by `call.allow`, whether somebody
    else than the first may have the answer; and neither what it does nor what it answers depends on who asks."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as it is understood by both ends."""

    service: str
    method: str
    tenant: str | None
    request: object
    """The JSON value of the request, as it was sent."""
    actor: str | None
    """By id alone: whoever retries after a new login, from another place, still sends the same command."""

    @property
    def deed(self) -> str:
        """Return what is to be done, e.g. `invoices.configure_seller`."""
        return f"{self.service}.{self.method}"

    def request_hash(self, retry: Retry = Retry.BY_CALLER) -> bytes:
        """Return the SHA-256 by which a retry is told from another command under the same key: 32 bytes.

        Who asks is in it, but where anybody's retry is one: then the same request of somebody else is no other command.
        """
        named = self._named() if retry is Retry.BY_CALLER else {**self._named(), "actor": None}
        return hashlib.sha256(_canonical(named)).digest()

    def command_hash(self, idempotency_key: str | None) -> str:
        """Return the SHA-256 that a step-up proof is for, in lower-case hex; a query has no idempotency key.

        With the key in it, a proof is good for one carrying out: the same command under another key is another one.
        """
        return hashlib.sha256(_canonical({**self._named(), "idempotency_key": idempotency_key})).hexdigest()

    def _named(self) -> dict[str, object]:
        return {
            "service": self.service,
            "method": self.method,
            "tenant": self.tenant,
            "request": self.request,
            "actor": self.actor,
        }


def _canonical(asked: Mapping[str, object]) -> bytes:
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="surrogatepass")
