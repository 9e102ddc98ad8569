"""A second person agrees to exactly what the command showed them, and to nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of
from shared.contracts.sellers import ConfigureSellerRequest
from shared.kernel.ids import new_id
from tests.unit.cli.running import Running, log_in, tallystick

REQUEST, GRANT, RESET, SHREDDING, ADA, BOB, CUSTOMER = (new_id() for _ in range(7))
EXPIRES = "2026-11-29T09:00:00.000000Z"
CHANGE = {
    "kind": "bank_account_change",
    "request_id": REQUEST,
    "seller": "Acme\x1b[2J",
    "old_iban": "DE02120300000000202051",
    "new_iban": "GB33BUKB20201555555555",
    "requested_by": ADA,
    "expires_at": EXPIRES,
}
OWNER = {
    "kind": "owner_grant",
    "request_id": GRANT,
    "user_id": BOB,
    "name": "Bob",
    "email": "bob@example.org",
    "requested_by": ADA,
    "expires_at": EXPIRES,
}
RESETTING = {
    **OWNER,
    "kind": "factor_reset",
    "request_id": RESET,
    "reason": "lost the phone",
}
FORGETTING = {
    "kind": "shredding",
    "request_id": SHREDDING,
    "customer_id": CUSTOMER,
    "reason": "erasure_request",
    "override": "court_order",
    "requested_by": ADA,
    "expires_at": EXPIRES,
}
GUARDED = {("auth", "list_owner_grants"), ("auth", "list_factor_resets")}
ANSWERS: Mapping[tuple[str, str], dict[str, Any]] = {
    ("invoices", "customer_totals"): {
        "totals": [{"currency": "EUR", "invoices": 2, "credit_notes": 0, "payable": "23.21"}]
    },
    ("invoices", "list_shreddings"): {"waiting": [FORGETTING]},
    ("invoices", "get_bank_account_change"): {"waiting": CHANGE},
    ("auth", "list_owner_grants"): {"waiting": [OWNER]},
    ("auth", "list_factor_resets"): {"waiting": [RESETTING]},
    ("auth", "approve_factor_reset"): {"invitation": "an invitation"},
}


class Owners(Running):
    """The services, with one request of each kind that waits."""

    owners_may_be_seen = True

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:  # noqa: ARG002 - whatever is asked
        """Show what waits, to whoever may see it."""
        if (service, method) in GUARDED and not self.owners_may_be_seen:
            raise PublicError(ErrorCode.PERMISSION_DENIED, "You may not do this.")
        return ANSWERS.get((service, method), {"request_id": GRANT})


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Owners:
    """An owner has logged in."""
    log_in(monkeypatch, owners := Owners())
    return owners


def test_what_waits_is_listed_with_who_asked(running: Owners) -> None:
    first, forgetting, second, third = tallystick("approvals", "list").stdout.splitlines()
    assert first.startswith(f"{REQUEST}  customers of Acme\\u001b[2J pay into GB33BUKB20201555555555 instead of DE02")
    assert forgetting.startswith(f"{SHREDDING}  customer {CUSTOMER} is forgotten for good (erasure_request), in spite")
    assert second == f"{GRANT}  Bob <bob@example.org> becomes an owner; asked by user {ADA}"
    assert third.startswith(f"{RESET}  Bob <bob@example.org> loses password and factors, and is invited anew (lost the")
    running.owners_may_be_seen = False
    assert len(tallystick("approvals", "list").stdout.splitlines()) == 2


def test_where_nothing_waits_it_is_said_beside_the_list(running: Owners, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "query", lambda *_: {"waiting": []})
    done = tallystick("approvals", "list")
    assert (done.stdout, done.stderr) == ("", "Nothing waits that you could decide.\n")


def test_everything_that_is_agreed_to_is_shown_first(running: Owners) -> None:
    done = tallystick("approvals", "approve", REQUEST, typed="y\n")
    assert (done.exit_code, done.stdout) == (0, f"approved {REQUEST}\n")
    assert all(str(value).replace("\x1b", "\\u001b") in done.stderr for value in CHANGE.values())
    agreed = {"request_id": REQUEST, "digest": digest_of(CHANGE)}
    assert running.done == [("invoices", "approve_bank_account_change", agreed)]


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_who_does_not_say_yes_has_agreed_to_nothing(running: Owners, answer: str) -> None:
    assert tallystick("approvals", "approve", GRANT, typed=answer).exit_code == 1
    assert running.done == []


def test_an_owner_grant_goes_to_auth(running: Owners) -> None:
    assert tallystick("approvals", "approve", GRANT, "--yes").exit_code == 0
    agreed = {"request_id": GRANT, "digest": digest_of(OWNER)}
    assert running.done == [("auth", "approve_owner_grant", agreed)]


def test_a_factor_reset_names_the_user_and_shows_the_invitation_to_who_agreed(running: Owners) -> None:
    done = tallystick("approvals", "approve", RESET, "--yes")
    assert (done.exit_code, done.stdout) == (0, f"approved {RESET}\nan invitation\n")
    assert "lost the phone" in done.stderr
    agreed = {"user_id": BOB, "request_id": RESET, "digest": digest_of(RESETTING)}
    assert tallystick("approvals", "reject", RESET).exit_code == 0
    ended = {"user_id": BOB, "request_id": RESET}
    assert running.done == [("auth", "approve_factor_reset", agreed), ("auth", "end_factor_reset", ended)]


def test_who_agrees_to_forget_a_customer_is_shown_what_is_lost(running: Owners) -> None:
    done = tallystick("approvals", "approve", SHREDDING, typed="y\n")
    assert (done.exit_code, done.stdout) == (0, f"approved {SHREDDING}\n")
    assert "issued were 2 invoices" in done.stderr
    assert "Nobody can undo this." in done.stderr
    agreed = {"customer_id": CUSTOMER, "request_id": SHREDDING, "digest": digest_of(FORGETTING)}
    assert tallystick("approvals", "reject", SHREDDING).exit_code == 0
    ended = {"customer_id": CUSTOMER, "request_id": SHREDDING}
    assert running.done == [("invoices", "approve_shredding", agreed), ("invoices", "end_shredding", ended)]


def test_a_request_is_rejected_by_its_id(running: Owners) -> None:
    assert tallystick("approvals", "reject", REQUEST).stdout == f"rejected {REQUEST}\n"
    assert running.done == [("invoices", "end_bank_account_change", {"request_id": REQUEST})]


def test_what_does_not_wait_is_not_decided(running: Owners) -> None:
    for command in ("show", "approve", "reject"):
        done = tallystick("approvals", command, new_id())
        assert done.exit_code == 1
        assert "Nothing waits under" in done.stderr
    assert running.done == []


def test_another_account_is_asked_for_and_waits(running: Owners) -> None:
    done = tallystick("seller", "change-account", "gb33 bukb 2020 1555 5555 55")
    assert done.stdout == f"awaiting_approval {REQUEST}\n"
    assert running.done == [("invoices", "request_bank_account_change", {"iban": "GB33BUKB20201555555555"})]


def test_the_seller_is_configured_from_a_file(running: Owners, tmp_path: Path) -> None:
    file = tmp_path / "seller.yaml"
    file.write_text("name: Acme\niban: DE02120300000000202051\naddress: {city: Utrecht}\n", "utf-8")
    assert tallystick("seller", "configure", str(file)).exit_code == 0
    particulars = {"name": "Acme", "iban": "DE02120300000000202051", "address": {"city": "Utrecht"}}
    assert running.done == [("invoices", "configure_seller", particulars)]


@pytest.mark.parametrize("content", ["- a list", "a: [", "just text"])
def test_a_file_that_says_nothing_is_refused(running: Owners, tmp_path: Path, content: str) -> None:
    file = tmp_path / "seller.yaml"
    file.write_text(content, "utf-8")
    done = tallystick("seller", "configure", str(file))
    assert done.exit_code == 2
    assert str(file) in done.stderr
    assert running.done == []


def test_the_sample_of_a_sellers_file_is_one(running: Owners, tmp_path: Path) -> None:
    file = tmp_path / "seller.yaml"
    file.write_text(tallystick("seller", "template").stdout, "utf-8")
    assert tallystick("seller", "configure", str(file)).exit_code == 0
    [(_, _, particulars)] = running.done
    assert ConfigureSellerRequest().validate(particulars) == {}
    assert set(particulars) == set(ConfigureSellerRequest().fields)


def test_a_post_code_that_begins_with_a_nought_keeps_it(running: Owners, tmp_path: Path) -> None:
    file = tmp_path / "seller.yaml"
    file.write_text("address: {post_code: 01067}\n", "utf-8")
    tallystick("seller", "configure", str(file))
    assert running.done == [("invoices", "configure_seller", {"address": {"post_code": "01067"}})]
