"""Quotes: numbered offers that are accepted, declined or over, and what is invoiced of them."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.invoices.domain.deposits import Part, deposit_of, final_of
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content, DocumentType, Prices
from services.invoices.domain.document.parties import Registration
from services.invoices.domain.events.quotes import QuoteAccepted, QuoteInvoiced, QuoteMade
from services.invoices.domain.invoice import evolve
from services.invoices.domain.numbering import built_in, decide_series
from services.invoices.domain.quote import Quote, QuoteState, Terms
from services.invoices.domain.series import Series
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import allowance, content, contents, of_document, sold
from tests.unit.invoices.quoting import Sales
from tests.unit.invoices.samples import CUSTOMER, ISSUED_AT, SELLER, draft, issue
from tests.unit.invoices.shop import command_id

DAY = date(2026, 11, 22)
UNTIL = DAY + timedelta(days=30)


def refused(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


@pytest.fixture
def sales() -> Sales:
    return Sales()


def offer(sales: Sales, *prices: tuple[str, str], **changes: object) -> Content:
    lines = tuple(sold("1", price, rate) for price, rate in prices or (("1000", "19"),))
    return content(*lines, customer_id=sales.shop.customer, issue_date=DAY, **changes)


def accepted(sales: Sales, *prices: tuple[str, str], **changes: object) -> str:
    quote_id = sales.made(offer(sales, *prices, **changes), UNTIL)
    sales.accept(quote_id, order_reference="PO-7")
    return quote_id


def test_a_quote_has_a_number_of_a_series_of_its_own(sales: Sales) -> None:
    numbers = [str(sales.make(offer(sales), UNTIL).payload["number"]) for _ in range(2)]
    assert numbers == ["QUO-000001", "QUO-000002"]
    plain = content(customer_id=sales.shop.customer)
    assert sales.shop.issue(sales.shop.draft(plain).invoice_id).number == "INV-000001"


def test_no_document_is_numbered_among_quotes() -> None:
    with refused(ErrorCode.SERIES_UNKNOWN):
        built_in().number_of(content(series="QUO"), 0)
    with refused(ErrorCode.SERIES_INVALID):
        decide_series(built_in(), Series("QUO", "AN-{number}", (DocumentType.INVOICE,)), 0)
    with refused(ErrorCode.SERIES_COLLIDES):
        decide_series(built_in(), Series("Q", "QUO-{number:06}"), 0)
    numbering = built_in().with_series(Series("QUO", "AN-{year}-{number:04}", resets=True))
    assert str(numbering.quote_number(DAY, 0)) == "AN-2026-0001"


def test_a_command_that_comes_twice_makes_one_quote(sales: Sales) -> None:
    command = command_id()
    assert sales.make(offer(sales), UNTIL, command) == sales.make(offer(sales), UNTIL, command)


def test_a_quote_is_over_after_its_last_day_without_anybody_noting_it(sales: Sales) -> None:
    quote, version = sales.found(sales.made(offer(sales), UNTIL))
    assert [quote.state(UNTIL), quote.state(UNTIL + timedelta(days=1))] == [QuoteState.OPEN, QuoteState.EXPIRED]
    assert version == 1


def test_what_is_over_is_not_accepted_unless_the_seller_extends_it(sales: Sales) -> None:
    quote_id = sales.made(offer(sales), UNTIL)
    sales.wait(31)
    with refused(ErrorCode.QUOTE_EXPIRED):
        sales.accept(quote_id)
    sales.extend(quote_id, UNTIL + timedelta(days=10))
    sales.accept(quote_id)
    assert sales.found(quote_id)[0].state(sales.today) is QuoteState.ACCEPTED


def test_what_counts_is_the_day_of_the_order_not_that_of_writing_it_down(sales: Sales) -> None:
    quote_id = sales.made(offer(sales), UNTIL)
    sales.wait(40)
    with refused(ErrorCode.QUOTE_DATE_INVALID):
        sales.accept(quote_id, accepted_on=sales.today + timedelta(days=1))
    with refused(ErrorCode.QUOTE_DATE_INVALID):
        sales.accept(quote_id, accepted_on=DAY - timedelta(days=1))
    sales.accept(quote_id, accepted_on=UNTIL)
    accepted = sales.found(quote_id)[0].accepted
    assert accepted == QuoteAccepted(quote_id, UNTIL, "Mme. Dupont")


def test_a_change_is_a_revision_under_the_same_number(sales: Sales) -> None:
    quote_id = sales.made(offer(sales), UNTIL)
    sales.change(quote_id, 1, offer(sales, ("900", "19")), UNTIL)
    quote, _ = sales.found(quote_id)
    assert (quote.offered.number, quote.offered.revision, str(quote.offered.totals.net)) == ("QUO-000001", 2, "900.00")


def test_a_quote_stays_with_its_customer(sales: Sales) -> None:
    quote_id = sales.made(offer(sales), UNTIL)
    with refused(ErrorCode.DOCUMENT_INVALID):
        sales.change(quote_id, 1, replace(offer(sales), customer_id=sales.shop.register()), UNTIL)


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (DAY - timedelta(days=1), ErrorCode.QUOTE_DATE_INVALID),
        (DAY + timedelta(days=4000), ErrorCode.QUOTE_DATE_INVALID),
    ],
)
def test_an_offer_ends_within_reason(sales: Sales, until: date, code: ErrorCode) -> None:
    with refused(code):
        sales.make(offer(sales), until)


def test_an_offer_comes_to_more_than_nothing(sales: Sales) -> None:
    with refused(ErrorCode.DOCUMENT_INVALID):
        sales.make(replace(offer(sales), lines=(sold("-1", "5"),)), UNTIL)


def test_an_invoice_names_the_quote_as_its_contract_and_the_order(sales: Sales) -> None:
    quote_id = accepted(sales, payment_terms=None)
    drafted = sales.shop.found(sales.final(quote_id).invoice_id).content
    assert (drafted.contract_reference, drafted.order_reference) == ("QUO-000001", "PO-7")
    assert drafted.issue_date == sales.today


def test_under_another_contract_the_note_names_the_quote(sales: Sales) -> None:
    quote_id = accepted(sales, contract_reference="FRAME-1", note="Thank you.")
    drafted = sales.shop.found(sales.final(quote_id).invoice_id).content
    assert (drafted.contract_reference, drafted.note) == ("FRAME-1", "QUO-000001\nThank you.")


def test_only_what_was_accepted_is_invoiced_and_once(sales: Sales) -> None:
    quote_id = sales.made(offer(sales), UNTIL)
    with refused(ErrorCode.QUOTE_NOT_ACCEPTED):
        sales.final(quote_id)
    sales.accept(quote_id)
    command = command_id()
    first = sales.final(quote_id, command)
    assert sales.final(quote_id, command) == first
    with refused(ErrorCode.QUOTE_INVOICED):
        sales.final(quote_id)
    with refused(ErrorCode.QUOTE_INVOICED):
        sales.deposit(quote_id, "10")
    assert sales.found(quote_id)[0].state(sales.today) is QuoteState.INVOICED
    sales.shop.discard(first.invoice_id)
    assert sales.final(quote_id).invoice_id != first.invoice_id


def test_a_deposit_charges_the_vat_of_each_rate(sales: Sales) -> None:
    quote_id = accepted(sales, ("1000", "19"), ("100", "7"))
    deposit = sales.shop.found(sales.deposit(quote_id, "30").invoice_id)
    assert deposit.content.document_type is DocumentType.PREPAYMENT_INVOICE
    assert [(str(part.taxable_amount), str(part.tax_amount)) for part in deposit.totals.breakdown] == [
        ("30.00", "2.10"),
        ("300.00", "57.00"),
    ]
    assert [line.name for line in deposit.content.lines] == ["QUO-000001: 30 %"] * 2


def test_the_final_invoice_charges_what_is_left_and_names_the_deposits(sales: Sales) -> None:
    quote_id = accepted(sales, ("1000", "19"), ("100", "7"))
    deposit_id = sales.paid_deposit(quote_id, "30")
    final = sales.shop.found(sales.final(quote_id).invoice_id)
    assert [(str(part.taxable_amount), str(part.tax_amount)) for part in final.totals.breakdown] == [
        ("70.00", "4.90"),
        ("700.00", "133.00"),
    ]
    assert [(each.invoice_id, each.number) for each in final.content.preceding] == [(deposit_id, "INV-000001")]
    assert (str(final.totals.prepaid), str(final.totals.payable)) == ("0.00", "907.90")
    sales.shop.issue(final.draft.invoice_id)


def test_a_deposit_is_deducted_when_all_of_it_was_paid(sales: Sales) -> None:
    quote_id = accepted(sales)
    deposit_id = sales.deposit(quote_id, "30").invoice_id
    with refused(ErrorCode.DEPOSIT_UNSETTLED):
        sales.final(quote_id)
    sales.shop.issue(deposit_id)
    sales.pay(deposit_id, Decimal("100.00"))
    with refused(ErrorCode.DEPOSIT_UNSETTLED):
        sales.final(quote_id)
    sales.pay(deposit_id)
    assert str(sales.shop.found(sales.final(quote_id).invoice_id).totals.net) == "700.00"


def test_a_deposit_that_was_credited_is_not_deducted(sales: Sales) -> None:
    quote_id = accepted(sales)
    deposit_id = sales.deposit(quote_id, "30").invoice_id
    sales.shop.issue(deposit_id)
    sales.shop.issue(sales.shop.credit(deposit_id).invoice_id)
    assert str(sales.shop.found(sales.final(quote_id).invoice_id).totals.net) == "1000.00"


def test_deposits_come_to_no_more_than_the_quote(sales: Sales) -> None:
    quote_id = accepted(sales)
    sales.deposit(quote_id, "60")
    with refused(ErrorCode.DEPOSIT_EXCEEDS_QUOTE):
        sales.deposit(quote_id, "41")
    sales.deposit(quote_id, "40")


def test_a_percentage_off_the_whole_is_the_same_amount_after_a_deposit(sales: Sales) -> None:
    off = of_document(allowance(percentage="10"))
    quote_id = accepted(sales, adjustments=(off,))
    sales.paid_deposit(quote_id, "50")
    final = sales.shop.found(sales.final(quote_id).invoice_id)
    assert (str(final.totals.allowances), str(final.totals.net)) == ("100.00", "450.00")


def quoted(drawn: Content) -> Quote:
    made = Terms(drawn, UNTIL, SELLER, CUSTOMER, ISSUED_AT).said_by(QuoteMade, "q", "QUO-000001", 1)
    return Quote(made, UNTIL, QuoteAccepted("q", DAY, "Mme. Dupont"))


def paid(deposit: Content, percent: Decimal) -> Part:
    event = draft(deposit.lines, **{name: getattr(deposit, name) for name in ("document_type", "prices", "exemptions")})
    issued = evolve(evolve(None, event), issue(event, seller=replace(SELLER, registration=Registration("HRB 1"))))
    assert issued is not None
    return Part(QuoteInvoiced("q", event.invoice_id, percent), issued, paid=True)


@given(contents(), st.decimals("0.01", 100, places=2))
def test_deposit_and_final_invoice_tax_together_what_the_quote_does(drawn: Content, percent: Decimal) -> None:
    drawn = replace(drawn, document_type=DocumentType.INVOICE, prepaid=Decimal(0), exchange_rate=None, preceding=())
    # With gross prices and a percentage off the whole, an amount takes its place that may differ by a cent.
    if drawn.prices is Prices.GROSS:
        drawn = replace(drawn, adjustments=tuple(each for each in drawn.adjustments if each.percentage is None))
    whole = calculate(drawn)
    assume(whole.lines_net >= 0)
    assume(whole.gross > 0)
    quote = quoted(drawn)
    # Less than a cent, or by a cent more than all of it.
    no_deposit = {ErrorCode.INVOICE_EMPTY, ErrorCode.DEPOSIT_EXCEEDS_QUOTE}
    try:
        deposit = paid(deposit_of(quote, [], percent, DAY), percent)
    except PublicError as refusal:
        if refusal.code not in no_deposit:
            raise
        return
    final = calculate(final_of(quote, [deposit], DAY))
    asked = {(each.category, each.rate): each.taxable_amount for each in deposit.invoice.totals.breakdown}
    left = {(each.category, each.rate): each.taxable_amount for each in final.breakdown}
    for each in whole.breakdown:
        taxed = (each.category, each.rate)
        assert asked.get(taxed, Decimal(0)) + left[taxed] == each.taxable_amount
    parts = len(whole.breakdown)
    assert abs(deposit.invoice.totals.vat + final.vat - whole.vat) <= Decimal("0.01") * parts
