"""Sensitive calls on the wire: a proof is good for one call by one person in one session, or for nothing."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from shared.contracts.errors import ErrorCode
from shared.crypto.age import new_identity
from shared.kernel.ids import new_id
from shared.messaging.command_hash import Asked
from tests.integration.invoices.running import SELLER, Caller
from tests.integration.invoices.trade import refused_with

pytestmark = pytest.mark.integration

RECIPIENT = new_identity()[1]
NEW = {"iban": "GB33BUKB20201555555555"}


def call(caller: Caller, method: str, request: dict[str, Any], token: str, key: str | None) -> Callable[..., Any]:
    return partial(caller.client.call, "invoices", method, request, token=token, idempotency_key=key)


def asked(caller: Caller, method: str, request: dict[str, Any], **changes: Any) -> Asked:  # noqa: ANN401 -- as Asked's
    parts = {"service": "invoices", "method": method, "tenant": caller.tenant, "request": request}
    return Asked(**{**parts, "actor": caller.person, **changes})


def test_a_sensitive_command_without_a_proof_says_what_to_prove(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    token, key = caller.token(), new_id()
    with refused_with(ErrorCode.STEP_UP_NEEDED) as refused:
        call(caller, "request_bank_account_change", NEW, token, key)()
    wanted = asked(caller, "request_bank_account_change", NEW).command_hash(key)
    assert refused.value.details == {"deed": "invoices.request_bank_account_change", "command_hash": wanted}
    assert caller.ask("get_bank_account_change") == {}


def test_a_proof_for_anything_else_is_refused(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    method, token, key = "request_bank_account_change", caller.token(), new_id()
    order = call(caller, method, NEW, token, key)
    prove = partial(caller.bus.proof, token)
    stranger = Caller(caller.bus, caller.client)
    for proof in (
        prove(asked(caller, method, {"iban": "NL91ABNA0417164300"}), key),
        prove(asked(caller, "approve_bank_account_change", NEW), key),
        prove(asked(caller, method, NEW, service="auth"), key),
        prove(asked(caller, method, NEW), new_id()),
        prove(asked(caller, method, NEW, tenant=stranger.tenant), key),
        caller.bus.proof(caller.token(), asked(caller, method, NEW), key),  # of another session
        caller.bus.proof(caller.token(sub=new_id(), sid="s"), asked(caller, method, NEW), key),
        caller.bus.proof(stranger.token(), asked(stranger, method, NEW), key),
        caller.bus.proof(caller.token(iat=1), asked(caller, method, NEW), key),  # expired
        token,
        "nonsense",
    ):
        with refused_with(ErrorCode.STEP_UP_INVALID):
            order(proof=proof)
    assert caller.ask("get_bank_account_change") == {}
    order(proof=prove(asked(caller, method, NEW), key))


def test_a_proof_shown_twice_has_a_command_carried_out_once(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    method, token, key = "request_bank_account_change", caller.token(), new_id()
    proof = caller.bus.proof(token, asked(caller, method, NEW), key)
    first = call(caller, method, NEW, token, key)(proof=proof)
    assert call(caller, method, NEW, token, key)(proof=proof) == first
    with refused_with(ErrorCode.STEP_UP_INVALID):
        call(caller, method, NEW, token, new_id())(proof=proof)


def test_a_proof_exports_keys_once(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    request, token = {"recipient": RECIPIENT}, caller.token()
    export = call(caller, "export_keys", request, token, None)
    proof = caller.bus.proof(token, asked(caller, "export_keys", request), None)
    assert export(proof=proof)["keys_base64"]
    with refused_with(ErrorCode.STEP_UP_INVALID):
        export(proof=proof)
    assert export(proof=caller.bus.proof(token, asked(caller, "export_keys", request), None))


def test_a_service_steps_up_nowhere(caller: Caller) -> None:
    token = caller.token(kind="service", sub="notifier", tenant=None, amr=[], sid="s")
    request = {"recipient": RECIPIENT}
    with refused_with(ErrorCode.PERMISSION_DENIED):
        caller.client.call("invoices", "export_keys", request, token=token, tenant=caller.tenant)


def test_after_a_step_up_the_session_is_what_it_was(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    token, key = caller.token(), new_id()
    proof = caller.bus.proof(token, asked(caller, "request_bank_account_change", NEW), key)
    call(caller, "request_bank_account_change", NEW, token, key)(proof=proof)
    with refused_with(ErrorCode.STEP_UP_NEEDED):
        call(caller, "request_bank_account_change", NEW, token, new_id())()
