"""The account that customers pay into, over a real log: who may change it, and what documents say."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from services.invoices.commands.sellers import ConfigureSeller, EndBankAccountChange
from services.invoices.domain.series import seller_stream
from services.invoices.handlers import sellers
from services.invoices.replies import Numbered
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import Author
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import ADA, BOB, SELLER, Trade, command_id, refused_with

pytestmark = pytest.mark.integration
NEW = "GB33BUKB20201555555555"


def account(trade: Trade) -> str:
    return sellers.get_seller(trade.ports, tenant=trade.tenant).iban


def types(trade: Trade) -> list[str]:
    return [event.type for event in trade.ports.log.load(trade.tenant, seller_stream(trade.tenant))]


def seller_of(trade: Trade, issued: Numbered) -> dict[str, str]:
    """The seller as it stands on a document for good."""
    payload: Any = trade.ports.log.load(trade.tenant, f"invoice-{issued.invoice_id}")[-1].payload
    seller: dict[str, str] = payload["seller"]
    return seller


def asks(code: ErrorCode) -> None:
    raise PublicError(code, "as a service would")


def test_naming_the_account_takes_a_step_up_and_naming_it_again_does_not(stranger: Trade) -> None:
    def configure(name: str) -> int:
        return sellers.configure_seller(
            stranger.ports,
            ConfigureSeller(replace(SELLER, name=name)),
            tenant=stranger.tenant,
            command_id=command_id(),
            require_step_up=lambda: asks(ErrorCode.STEP_UP_NEEDED),
        )

    with refused_with(ErrorCode.STEP_UP_NEEDED):
        configure("Acme")
    assert types(stranger) == []
    stranger.configure()
    configure("Acme")
    assert types(stranger) == ["SellerConfigured", "SellerConfigured"]


def test_two_people_change_the_account_and_both_stand_in_the_log(trade: Trade) -> None:
    shown = trade.request_account(NEW)
    assert account(trade) == SELLER.iban
    trade.approve_account(shown)
    assert account(trade) == NEW
    requested, changed = trade.process().ports.log.load(trade.tenant, seller_stream(trade.tenant))[-2:]
    assert (requested.by, changed.by) == (ADA, BOB)
    approvals: Any = changed.payload["approvals"]
    assert [each["user_id"] for each in approvals] == [ADA.id, BOB.id]


def test_documents_say_since_when_the_account_is_valid_and_old_ones_stay_as_they_are(trade: Trade) -> None:
    before = trade.issued(trade.customer())
    trade.approve_account(trade.request_account(NEW))
    after = trade.issued(trade.customer())
    paid_into = [seller_of(trade, issued) for issued in (before, after)]
    today = datetime.now(UTC).date()
    assert [seller["iban"] for seller in paid_into] == [SELLER.iban, NEW]
    assert all(abs(datetime.fromisoformat(each["account_since"]).date() - today) <= timedelta(1) for each in paid_into)


def test_one_person_does_not_make_four_eyes_in_two_sessions(trade: Trade) -> None:
    shown = trade.request_account(NEW)
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        trade.approve_account(shown, by=structs.replace(ADA, session=new_id(), source="elsewhere"))
    with refused_with(ErrorCode.PERMISSION_DENIED):
        trade.approve_account(shown, by=Author("service", "notifier"))
    assert account(trade) == SELLER.iban


def test_nobody_agrees_to_what_they_did_not_see(trade: Trade) -> None:
    harmless = trade.request_account(NEW)
    trade.request_account("NL91ABNA0417164300")
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        trade.approve_account(harmless)
    with refused_with(ErrorCode.APPROVAL_DIFFERS):
        trade.approve_account(harmless, request_id=trade.waiting().request_id)
    assert account(trade) == SELLER.iban


def test_another_business_neither_sees_nor_decides_it(trade: Trade) -> None:
    shown = trade.request_account(NEW)
    other = replace(trade, tenant=new_id())
    other.open_for_business()
    assert sellers.waiting_change(other.ports, tenant=other.tenant) is None
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        other.approve_account(shown)


def test_a_request_waits_for_a_week(trade: Trade) -> None:
    shown = trade.request_account(NEW)
    late = replace(trade, ports=replace(trade.ports, clock=FixedClock(datetime.now(UTC) + timedelta(days=7))))
    assert sellers.waiting_change(late.ports, tenant=trade.tenant) is None
    with refused_with(ErrorCode.APPROVAL_EXPIRED):
        late.approve_account(shown)


@pytest.mark.parametrize(("by", "event"), [(ADA, "BankAccountChangeWithdrawn"), (BOB, "BankAccountChangeRejected")])
def test_a_request_that_is_over_is_not_approved(trade: Trade, by: Author, event: str) -> None:
    shown = trade.request_account(NEW)
    sellers.end_bank_account_change(
        trade.ports, EndBankAccountChange(shown.request_id), tenant=trade.tenant, command_id=command_id(by)
    )
    assert types(trade)[-1] == event
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        trade.approve_account(shown)


def test_of_approvals_that_race_one_is_carried_out(trade: Trade) -> None:
    shown = trade.request_account(NEW)

    def approve(process: Trade) -> str:
        try:
            process.approve_account(shown)
        except PublicError as refused:
            return refused.code.value
        return "changed"

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(approve, [trade.process() for _ in range(4)]))
    assert sorted(outcomes) == ["approval_unknown"] * 3 + ["changed"]
    assert types(trade).count("BankAccountChanged") == 1
