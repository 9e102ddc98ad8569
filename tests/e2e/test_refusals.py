"""What goes wrong for a caller has a public code of its own, and nothing else crosses the bus."""

import time
from collections.abc import Callable

import pytest

from deploy.demo.people import Person
from deploy.demo.scenario import SELLER
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import issue_token
from shared.kernel.ids import new_id
from tests.e2e.conftest import System

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("system")]


def wrong_password(system: System) -> None:
    system.owner.begin_login(password="certainly not the password")


def wrong_code(system: System) -> None:
    person = colleague(system)
    right = person.fresh_code()
    person.complete_login(person.begin_login()["challenge"], f"{(int(right) + 1) % 1_000_000:06d}")


def reused_code(system: System) -> None:
    person = colleague(system)
    code = person.fresh_code()
    person.complete_login(person.begin_login()["challenge"], code)
    person.complete_login(person.begin_login()["challenge"], code)


def missing_token(system: System) -> None:
    system.client.call("invoices", "list_invoices", {})


def forged_token(system: System) -> None:
    token = issue_token(claims(system, time.time()), SigningKey.generate(), "token-1")
    system.client.call("invoices", "list_invoices", {}, token=token)


def expired_token(system: System) -> None:
    key = SigningKey.load(system.stack.secret("token-signing-key"))
    token = issue_token(claims(system, time.time() - 3600), key, "token-1")
    system.client.call("invoices", "list_invoices", {}, token=token)


def unknown_invoice(system: System) -> None:
    system.owner.call("invoices", "get_invoice", {"invoice_id": new_id()})


def malformed_payload(system: System) -> None:
    system.owner.command("invoices", "issue_invoice", {"invoice_id": 7, "surprise": "x"})


def missing_permission(system: System) -> None:
    system.owner.command("backup", "take_snapshot", {})


def key_used_for_another_request(system: System) -> None:
    key = new_id()
    system.owner.call("invoices", "configure_seller", SELLER, key)
    system.owner.call("invoices", "configure_seller", {**SELLER, "name": "Another"}, key)


def colleague(system: System) -> Person:
    """Somebody new, whose current code was never used: no waiting for the next one."""
    return system.owner.invite("auditor", "Anna", f"{new_id()}@probe.example")


def claims(system: System, now: float) -> dict[str, object]:
    return {
        "iss": "tallystick/auth",
        "aud": "tallystick",
        "sub": new_id(),
        "kind": "person",
        "tenant": system.owner.tenant,
        "role": "owner",
        "permissions": ["invoice:read"],
        "amr": ["pwd", "otp"],
        "sid": new_id(),
        "jti": new_id(),
        "auth_time": int(now),
        "iat": int(now),
        "exp": int(now) + 300,
    }


REFUSALS: dict[Callable[[System], None], ErrorCode] = {
    wrong_password: ErrorCode.CREDENTIALS_REFUSED,
    wrong_code: ErrorCode.CODE_REFUSED,
    reused_code: ErrorCode.CODE_REUSED,
    missing_token: ErrorCode.TOKEN_MISSING,
    forged_token: ErrorCode.TOKEN_INVALID,
    expired_token: ErrorCode.TOKEN_EXPIRED,
    unknown_invoice: ErrorCode.INVOICE_UNKNOWN,
    malformed_payload: ErrorCode.MALFORMED_REQUEST,
    missing_permission: ErrorCode.PERMISSION_DENIED,
    key_used_for_another_request: ErrorCode.IDEMPOTENCY_CONFLICT,
}


def test_each_refusal_has_a_code_of_its_own() -> None:
    assert len(set(REFUSALS.values())) == len(REFUSALS)


@pytest.mark.parametrize("attempt", REFUSALS, ids=lambda attempt: attempt.__name__)
def test_it_is_refused_with_its_public_code(system: System, attempt: Callable[[System], None]) -> None:
    with pytest.raises(PublicError) as refused:
        attempt(system)
    assert refused.value.code == REFUSALS[attempt]
    said = f"{refused.value.message} {refused.value.details}"
    assert not any(trace in said for trace in ("Traceback", 'File "', "surprise: x", ".py"))
