"""The caller proves a factor for what it sent, and for nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import issue_token
from shared.messaging.client import RpcClient
from shared.messaging.command_hash import Asked
from shared.messaging.stepping_up import Order

TOKEN = issue_token({"sub": "ada", "tenant": "t"}, SigningKey.generate(), "t1")
REQUEST = {"name": "Acme"}
HASH = Asked("invoices", "configure_seller", "t", REQUEST, "ada").command_hash("key")


@dataclass
class Services:
    """auth and a service that asks for a proof of `asks_for`."""

    asks_for: str
    calls: list[str] = field(default_factory=list)
    wanted: dict[str, Any] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)

    def call(self, service: str, method: str, request: dict[str, Any], **sent: object) -> dict[str, Any]:
        self.calls.append(f"{service}.{method}")
        if method == "begin_step_up":
            self.wanted = request
            return {"challenge": "c", **self.options}
        if method == "complete_step_up":
            return {"proof": f"proof by {request['code']}"}
        if sent["proof"] is None:
            raise PublicError(ErrorCode.STEP_UP_NEEDED, "needed", {"command_hash": self.asks_for})
        return {"proof": sent["proof"], "key": sent["idempotency_key"]}


def proved(deed: str, *, has_passkey: bool) -> Mapping[str, str]:
    return {"code": f"a code for {deed}" + " beside a passkey" * has_passkey}


def send(services: Services) -> dict[str, Any]:
    order = Order("invoices", "configure_seller", REQUEST, TOKEN, "key")
    return order.send(cast("RpcClient", services), proved)


def test_a_call_that_needs_a_proof_is_sent_again_with_one() -> None:
    services = Services(HASH)
    assert send(services) == {"proof": "proof by a code for invoices.configure_seller", "key": "key"}
    assert services.wanted == {"service": "invoices", "method": "configure_seller", "command_hash": HASH}


def test_whoever_asks_for_a_proof_knows_whether_there_is_a_passkey() -> None:
    assert "beside a passkey" in send(Services(HASH, options={"passkey_options": "{}"}))["proof"]


def test_a_service_that_asks_for_a_proof_of_another_command_gets_none() -> None:
    services = Services(Asked("auth", "assign_role", "t", {"role": "owner"}, "ada").command_hash("key"))
    with pytest.raises(PublicError) as refused:
        send(services)
    assert refused.value.code is ErrorCode.STEP_UP_INVALID
    assert services.calls == ["invoices.configure_seller"]
