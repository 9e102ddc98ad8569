"""The account that customers pay into: one person names it once, two change it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.invoices.domain.approval import Approval
from services.invoices.domain.bank_account import (
    SellerState,
    decide_approval,
    decide_change,
    decide_configuration,
    decide_end,
    fold_seller,
)
from services.invoices.domain.events import Event, SellerConfigured
from services.invoices.domain.events.sellers import (
    BankAccountChanged,
    BankAccountChangeRejected,
    BankAccountChangeRequested,
    BankAccountChangeWithdrawn,
)
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of
from shared.kernel.clock import to_rfc3339
from tests.unit.invoices.samples import SELLER, draft

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
ADA, BOB = Approval("ada", ("pwd", "otp")), Approval("bob", ("pwd", "hwk"))
NEW = "GB33BUKB20201555555555"
CONFIGURED = SellerConfigured(SELLER)
REQUESTED = BankAccountChangeRequested("r-1", SELLER.iban, NEW, ADA, to_rfc3339(NOW + WEEK))
WAITING: list[Event] = [CONFIGURED, REQUESTED]


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def shown(history: Sequence[Event]) -> str:
    waiting = fold_seller(history).waiting
    assert waiting is not None
    return digest_of(waiting.shown)


def approved(
    history: Sequence[Event],
    by: Approval = BOB,
    request_id: str = "r-1",
    now: datetime = NOW,
    digest: str | None = None,
) -> BankAccountChanged:
    return decide_approval(fold_seller(history), request_id, digest or shown(history), by, now)


def test_the_first_account_is_valid_from_the_day_that_it_is_named() -> None:
    unsaid = replace(SELLER, account_since=None)
    assert decide_configuration(SellerState(), unsaid, date(2026, 11, 22)).seller.account_since == date(2026, 11, 22)


def test_a_new_name_keeps_the_account_and_since_when_it_is_valid() -> None:
    renamed = replace(SELLER, name="Another", account_since=None)
    decided = decide_configuration(fold_seller([CONFIGURED]), renamed, date(2026, 11, 22))
    assert decided.seller == replace(SELLER, name="Another")


def test_one_person_does_not_change_the_account_by_saying_who_issues() -> None:
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        decide_configuration(fold_seller([CONFIGURED]), replace(SELLER, iban=NEW), date(2026, 11, 22))


def test_a_request_alone_changes_nothing() -> None:
    assert decide_change(fold_seller([CONFIGURED]), "r-1", NEW, ADA, NOW) == REQUESTED
    assert fold_seller(WAITING).seller == SELLER


def test_there_is_nothing_to_change_before_there_is_an_account_or_to_the_same_one() -> None:
    with refused_with(ErrorCode.SELLER_MISSING):
        decide_change(SellerState(), "r-1", NEW, ADA, NOW)
    with refused_with(ErrorCode.MALFORMED_REQUEST):
        decide_change(fold_seller([CONFIGURED]), "r-1", SELLER.iban, ADA, NOW)


def test_a_second_person_changes_it_from_that_day_on_and_both_are_named() -> None:
    changed = approved(WAITING)
    assert changed == BankAccountChanged("r-1", NEW, date(2026, 11, 22), (ADA, BOB), shown(WAITING))
    state = fold_seller([*WAITING, changed])
    assert state.seller == replace(SELLER, iban=NEW, account_since=date(2026, 11, 22))
    assert state.waiting is None


def test_who_is_shown_a_change_sees_both_accounts_and_who_wants_it() -> None:
    waiting = fold_seller(WAITING).waiting
    assert waiting is not None
    assert {name: waiting.shown[name] for name in ("seller", "old_iban", "new_iban", "requested_by")} == {
        "seller": SELLER.name,
        "old_iban": SELLER.iban,
        "new_iban": NEW,
        "requested_by": "ada",
    }


@pytest.mark.parametrize("factors", [("pwd", "otp"), ("pwd", "hwk"), ()])
def test_who_asked_does_not_agree_with_any_factor(factors: tuple[str, ...]) -> None:
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        approved(WAITING, by=Approval("ada", factors))


def test_what_was_shown_of_another_request_agrees_to_nothing() -> None:
    newer = replace(REQUESTED, request_id="r-2", new_iban="NL91ABNA0417164300")
    with refused_with(ErrorCode.APPROVAL_DIFFERS):
        approved([*WAITING, newer], request_id="r-2", digest=shown(WAITING))
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approved([*WAITING, newer], request_id="r-1", digest=shown(WAITING))


def test_what_was_shown_under_another_name_agrees_to_nothing() -> None:
    renamed = SellerConfigured(replace(SELLER, name="Another"))
    with refused_with(ErrorCode.APPROVAL_DIFFERS):
        approved([*WAITING, renamed], digest=shown(WAITING))


def test_a_request_waits_for_a_week_and_no_longer() -> None:
    assert approved(WAITING, now=NOW + WEEK - timedelta(seconds=1)).iban == NEW
    with refused_with(ErrorCode.APPROVAL_EXPIRED):
        approved(WAITING, now=NOW + WEEK)


def test_what_is_decided_is_not_approved_any_more() -> None:
    for decision in (approved(WAITING), *(decide_end(fold_seller(WAITING), "r-1", by) for by in (ADA, BOB))):
        with refused_with(ErrorCode.APPROVAL_UNKNOWN):
            decide_approval(fold_seller([*WAITING, decision]), "r-1", shown(WAITING), BOB, NOW)


def test_who_asked_withdraws_and_others_reject() -> None:
    assert decide_end(fold_seller(WAITING), "r-1", ADA) == BankAccountChangeWithdrawn("r-1", ADA)
    assert decide_end(fold_seller(WAITING), "r-1", BOB) == BankAccountChangeRejected("r-1", BOB)
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        decide_end(fold_seller(WAITING), "r-2", BOB)


def test_an_event_of_another_kind_is_no_part_of_it() -> None:
    with pytest.raises(ValueError, match="does not belong"):
        fold_seller([draft()])
    with pytest.raises(ValueError, match="does not belong"):
        fold_seller([approved(WAITING)])
