"""One running system: what is refused has a public code of its own, and services that are killed come back."""

import signal
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from deploy.demo.people import Person
from deploy.demo.scenario import SELLER
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import issue_token
from shared.kernel.ids import new_id
from tests.e2e.conftest import System, send

pytestmark = pytest.mark.integration

CUSTOMER = {"name": "Zoë", "email": "zoe@kunde.example", "address": SELLER["address"]}
LINE = {"name": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}


def wrong_password(system: System) -> None:
    system.owner.begin_login(password="certainly not the password")


def wrong_code(system: System) -> None:
    person, step = colleague(system), int(time.time()) // 30
    assert person._totp is not None
    near = {person._totp.generate_otp(step + each) for each in range(-1, 4)}
    wrong = next(code for code in (f"{number:06d}" for number in range(6)) if code not in near)
    person.complete_login(person.begin_login()["challenge"], wrong)


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
        "grants": [["invoice:read"]],
        "amr": ["pwd", "otp"],
        "sid": new_id(),
        "pos": 0,
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


def kill(system: System, service: str) -> None:
    """Kill the process of a service as the kernel does when memory runs out."""
    send(system, service, signal.SIGKILL)


def insist(system: System, method: str, request: dict[str, object], service: str = "invoices") -> dict[str, object]:
    """Send one command, or a query, under one idempotency key, until it is answered."""
    key = new_id() if service == "invoices" else None
    for _ in range(60):
        try:
            return system.owner.call(service, method, request, key)
        except PublicError as error:
            if error.code != ErrorCode.SERVICE_UNAVAILABLE:
                raise
            time.sleep(0.5)
    raise AssertionError(f"{method} was never answered")


def issue_one(system: System) -> str:
    customer = insist(system, "register_customer", CUSTOMER)["customer_id"]
    draft: dict[str, object] = {
        "customer_id": customer,
        "document_type": "invoice",
        "issue_date": "2026-11-22",
        "currency": "EUR",
        "lines": [LINE],
    }
    invoice_id = insist(system, "draft_invoice", draft)["invoice_id"]
    return str(insist(system, "issue_invoice", {"invoice_id": invoice_id})["number"])


def test_killed_services_come_back_and_numbers_stay_gapless_and_mails_single(another: System) -> None:
    system = another
    system.owner.command("invoices", "configure_seller", SELLER)
    numbers = [issue_one(system)]
    for program in ("invoices", "notifier"):
        kill(system, program)
        numbers.append(issue_one(system))
    assert numbers == ["INV-000001", "INV-000002", "INV-000003"]
    deliveries = settled_deliveries(system, len(numbers))
    ids = [message_id for message_id, _ in mails_of(system)]
    # A kill between the server's answer and our note of it leaves a delivery unknown, and never a second mail.
    assert deliveries["sent"] <= len(ids) <= deliveries["sent"] + deliveries["unknown"]
    assert len(ids) == len(set(ids))


def mails_of(system: System) -> list[tuple[str, dict[str, bytes]]]:
    """Return message id and attachments of every mail about the business's documents: its proof names the business."""
    mails = []
    for path in sorted(Path(system.stack.maildir).glob("new/*")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        parts = {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}
        if any(system.owner.tenant.encode() in part for name, part in parts.items() if name.endswith(".tlog-proof")):
            mails.append((str(message["Message-ID"]), parts))
    return mails


def settled_deliveries(system: System, expected: int) -> dict[str, int]:
    """Wait until the fate of every delivery is known, or known to be unknown."""
    deadline = time.monotonic() + 120
    while True:
        found = insist(system, "deliveries", {}, "notifier")  # who was killed has to hear from auth first
        counts = {name: int(str(count)) for name, count in found.items()}
        if counts["sent"] + counts["unknown"] == expected and counts["pending"] == 0:
            return counts
        assert time.monotonic() < deadline, counts
        time.sleep(0.2)
