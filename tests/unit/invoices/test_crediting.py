"""Corrections: what a credit note of an invoice says, and how much may be taken back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.crediting import CreditedLine, credit_note_of, credited_invoice
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.checking import check
from services.invoices.domain.document.content import Content, DocumentType, Preceding, TaxPoint
from services.invoices.domain.document.credit import credit_of, left_of
from services.invoices.domain.document.parties import Registration
from services.invoices.domain.events import InvoiceCredited, InvoiceDrafted
from services.invoices.domain.invoice import Invoice, State, evolve, fold
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import allowance, charge, content, contents, of_document, sold
from tests.unit.invoices.samples import INVOICE_ID, SELLER, TODAY, issue

_REGISTERED = replace(SELLER, registration=Registration("HRB 1234"))
"""One whose documents of every VAT category may be issued (BR-CO-26)."""
NOTE_ID = "019aa0e5-2222-7000-8000-000000000009"


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def issued(said: Content) -> Invoice:
    drafted = InvoiceDrafted(INVOICE_ID, said)
    invoice = fold([drafted, issue(drafted, seller=_REGISTERED)])
    assert invoice is not None
    return invoice


def part(invoice: Invoice, *lines: tuple[int, str]) -> Content:
    return credit_note_of(invoice, [CreditedLine(line, Decimal(count)) for line, count in lines], today=TODAY)


def test_a_credit_note_has_no_day_of_the_vat_and_follows_what_the_invoice_does() -> None:
    dated = issued(content(sold("3", "0.13"), tax_point_date=date(2026, 5, 1)))
    assert credit_note_of(dated, None, today=TODAY).tax_point_date is None
    on_payment = issued(content(sold("3", "0.13"), tax_point=TaxPoint.PAYMENT))
    assert credit_note_of(on_payment, None, today=TODAY).tax_point is TaxPoint.PAYMENT


def test_a_credit_note_of_the_whole_comes_to_what_was_invoiced_and_names_it() -> None:
    invoice = issued(content(sold("3", "0.13"), sold("2", "9.75", "7"), due_date=date(2026, 7, 1), note="Thank you."))
    note = credit_note_of(invoice, None, today=TODAY)
    assert (note.document_type, note.issue_date, note.due_date, note.note) == (
        DocumentType.CREDIT_NOTE,
        TODAY,
        None,
        None,
    )
    assert note.preceding == (Preceding(INVOICE_ID, "INV-000042", date(2026, 6, 2)),)
    assert calculate(note) == invoice.totals
    assert credited_invoice(note) == INVOICE_ID


@given(contents())
def test_what_is_credited_in_full_leaves_nothing_whatever_it_was(said: Content) -> None:
    whole = calculate(said)
    left = left_of(whole, [credit_of(whole)])
    assert left is not None
    assert (left.gross, left.parts) == (Decimal("0.00"), ())


@given(contents(biggest=9_999), st.data())
def test_a_part_is_never_a_document_that_may_not_be(said: Content, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.integers(0, len(said.lines) - 1), min_size=1))
    invoice = issued(said)
    try:
        note = credit_note_of(invoice, [CreditedLine(line) for line in sorted(chosen)], today=TODAY)
    except PublicError as refused:
        assert refused.code is ErrorCode.CREDIT_EXCEEDS_INVOICE  # noqa: PT017 -- or nothing is refused
    else:
        check(note)
        assert left_of(calculate(said), [credit_of(calculate(note))]) is not None


def test_a_part_takes_its_allowances_along_in_proportion() -> None:
    adjusted = sold("4", "10", adjustments=(allowance("2.00"), allowance(percentage="5")))
    note = part(issued(content(adjusted, sold("1", "30"))), (0, "1"))
    assert [each.amount for each in note.lines[0].adjustments] == [Decimal("0.50"), None]
    assert [each.percentage for each in note.lines[0].adjustments] == [None, Decimal(5)]


def test_what_is_added_to_the_document_goes_along_with_the_lines_of_its_rate() -> None:
    said = content(
        sold("4", "10"), sold("1", "30", "7"), adjustments=(of_document(charge("8.00")), of_document(charge("3"), "7"))
    )
    note = part(issued(said), (0, "1"))
    assert [(each.amount, each.vat_rate) for each in note.adjustments] == [(Decimal("2.00"), Decimal(19))]


def test_a_credit_note_gives_back_what_was_paid_before_the_issue_too() -> None:
    invoice = issued(content(sold("4", "10"), prepaid=Decimal("5.00")))
    for note in (credit_note_of(invoice, None, today=TODAY), part(invoice, (0, "4"))):
        assert calculate(note).payable == Decimal("47.60")
    assert invoice.totals.payable == Decimal("42.60")


@pytest.mark.parametrize("lines", [[(1, "1")], [(0, "5")], [(0, "-1")], [(0, "0")], [(0, "1"), (0, "1")]])
def test_a_line_that_was_not_sold_is_not_credited(lines: list[tuple[int, str]]) -> None:
    with refused_with(ErrorCode.LINE_INVALID):
        part(issued(content(sold("4", "10"))), *lines)


def test_goods_taken_back_are_credited_with_their_sign() -> None:
    note = part(issued(content(sold("4", "10"), sold("-2", "3"))), (0, "2"), (1, "-1"))
    assert calculate(note).net == Decimal("17.00")


def test_only_an_issued_invoice_is_credited() -> None:
    drafted = fold([InvoiceDrafted(INVOICE_ID, content())])
    with refused_with(ErrorCode.NOT_CREDITABLE):
        credit_note_of(drafted, None, today=TODAY)
    with refused_with(ErrorCode.NOT_CREDITABLE):
        credit_note_of(issued(content(document_type=DocumentType.CREDIT_NOTE)), None, today=TODAY)
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        credit_note_of(None, None, today=TODAY)


def test_one_vat_rate_is_not_credited_for_another() -> None:
    invoiced = calculate(content(sold("1", "100", "7")))
    assert left_of(invoiced, [credit_of(calculate(content(sold("1", "50", "19"))))]) is None
    assert left_of(invoiced, [credit_of(calculate(content(sold("1", "50", "7"))))]) is not None


def test_the_refusal_says_what_is_left() -> None:
    invoice = credited(issued(content(sold("4", "10"))), "1")
    with pytest.raises(PublicError) as refused:
        credit_note_of(invoice, None, today=TODAY)
    assert refused.value.code is ErrorCode.CREDIT_EXCEEDS_INVOICE
    assert refused.value.details == {
        "gross": "35.70",
        "left": [{"category": "S", "rate": "19", "taxable_amount": "30.00"}],
    }


def credited(invoice: Invoice, quantity: str, *, cancels: bool = False) -> Invoice:
    credit = credit_of(calculate(part(issued(invoice.content), (0, quantity))))
    after = evolve(invoice, InvoiceCredited(INVOICE_ID, NOTE_ID, "CN-000001", credit, cancels))
    assert after is not None
    return after


def test_states_follow_what_is_left() -> None:
    invoice = issued(content(sold("4", "10")))
    partly = credited(invoice, "1")
    assert (invoice.state, partly.state) == (State.ISSUED, State.PARTLY_CREDITED)
    assert credited(partly, "3", cancels=True).state is State.CANCELLED


def test_the_vat_of_parts_may_be_a_cent_less_than_that_of_the_whole_and_nothing_is_left_all_the_same() -> None:
    invoice = credited(credited(issued(content(sold("3", "0.13"))), "1"), "1")
    assert credited(invoice, "1", cancels=True).state is State.CANCELLED


def test_parts_whose_vat_would_come_to_a_cent_more_than_was_charged_are_refused() -> None:
    invoice = credited(credited(issued(content(sold("3", "0.14"))), "1"), "1")
    with refused_with(ErrorCode.CREDIT_EXCEEDS_INVOICE):
        part(invoice, (0, "1"))


@pytest.mark.parametrize(("quantity", "cancels"), [("4", False), ("1", True)])
def test_a_credit_that_says_otherwise_than_its_amounts_is_not_folded(quantity: str, cancels: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    with pytest.raises(ValueError, match="no more is credited"):
        credited(issued(content(sold("4", "10"))), quantity, cancels=cancels)


def test_a_history_that_credits_too_much_is_not_folded() -> None:
    with pytest.raises(ValueError, match="no more is credited"):
        credited(credited(issued(content(sold("4", "10"))), "3"), "2")


def test_a_credit_note_names_one_invoice_of_ours() -> None:
    ours, other = Preceding(INVOICE_ID, "INV-000001"), Preceding(NOTE_ID, "INV-000002")
    theirs = Preceding(None, "2019/7")
    note = content(document_type=DocumentType.CREDIT_NOTE, preceding=(theirs, ours))
    assert credited_invoice(note) == INVOICE_ID
    assert credited_invoice(content(preceding=(ours, other))) is None
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        credited_invoice(content(document_type=DocumentType.CREDIT_NOTE, preceding=(ours, other)))
