"""What a credit note that names no invoice gives: refunded in parts, and never beyond that."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.document.content import DocumentType, Preceding
from services.invoices.domain.events import InvoiceDrafted
from services.invoices.domain.events.payments import CreditNoteRefunded, WriteOffReversed
from services.invoices.domain.free_credit import FreeCredit, decide_credit_refund, free_credit
from services.invoices.domain.invoice import Invoice, evolve
from shared.contracts.errors import ErrorCode
from tests.unit.invoices.owing import amount, refused
from tests.unit.invoices.samples import INVOICE_ID, draft, drafted, issue

DAY = date(2026, 11, 23)
CREDIT = FreeCredit("n1", "c1", "EUR", amount("100.00"))


def issued(event: InvoiceDrafted) -> Invoice:
    invoice = evolve(drafted(event), issue(event))
    assert invoice is not None
    return invoice


def credit_note(*preceding: Preceding) -> Invoice:
    return issued(draft(document_type=DocumentType.CREDIT_NOTE, preceding=preceding))


@given(st.lists(st.integers(1, 6000).map(lambda cents: Decimal(cents) / 100), max_size=20))
def test_whatever_is_asked_for_no_more_is_refunded_than_the_credit_note_gives(asked: list[Decimal]) -> None:
    credit = CREDIT
    for each in asked:
        if each > credit.free:
            with refused(ErrorCode.CREDIT_NOTE_SPENT) as told:
                decide_credit_refund(credit, each, DAY, "bonus")
            assert told.value.details == {"free": str(credit.free)}
        else:
            event = decide_credit_refund(credit, each, DAY, "bonus")
            credit = replace(credit, refunded=credit.refunded + event.amount)
    assert 0 <= credit.refunded <= credit.payable


def test_all_of_it_can_be_refunded_and_then_nothing() -> None:
    note = credit_note()
    given = free_credit(note, [])
    assert given.free == given.payable == note.totals.payable > 0
    event = decide_credit_refund(given, given.free, DAY, "bonus")
    spent = free_credit(note, [event])
    assert (spent.free, spent.refunded) == (amount("0.00"), note.totals.payable)
    with refused(ErrorCode.CREDIT_NOTE_SPENT):
        decide_credit_refund(spent, amount("0.01"), DAY, "bonus")


def test_fractions_that_a_currency_has_not_are_refused() -> None:
    with refused(ErrorCode.MALFORMED_REQUEST):
        decide_credit_refund(replace(CREDIT, currency="JPY"), amount("0.50"), DAY, "bonus")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (None, ErrorCode.INVOICE_UNKNOWN),
        (drafted(draft(document_type=DocumentType.CREDIT_NOTE)), ErrorCode.INVOICE_NOT_ISSUED),
        (issued(draft()), ErrorCode.NOT_REFUNDABLE),
        (credit_note(Preceding(INVOICE_ID, "INV-000001")), ErrorCode.NOT_REFUNDABLE),
    ],
)
def test_only_a_credit_note_that_names_no_invoice_is_refunded(document: Invoice | None, code: ErrorCode) -> None:
    with refused(code):
        free_credit(document, [])


def test_one_that_names_a_document_from_before_the_business_came_here_is_refunded() -> None:
    assert free_credit(credit_note(Preceding(None, "2019-0815")), []).free > 0


def test_nothing_else_follows_in_its_history() -> None:
    with pytest.raises(ValueError, match="WriteOffReversed cannot follow"):
        free_credit(
            credit_note(), [CreditNoteRefunded("n1", amount("1.00"), DAY, "bonus"), WriteOffReversed("n1", "?")]
        )
