"""Corrections: an issued invoice never changes, a credit note takes back what it said, in full or in part."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from services.invoices.domain import refusals, refusals_of_credits
from services.invoices.domain.changing import deducted_in
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content, DocumentType, Preceding, Prices
from services.invoices.domain.document.credit import NOTHING, CreditedPart, Left, credit_of
from services.invoices.domain.document.lines import Adjustment, DocumentAdjustment, Line
from services.invoices.domain.document.vat import VatCategory
from services.invoices.domain.events import CreditNoteIssued, InvoiceCredited, InvoiceIssued
from services.invoices.domain.invoice import Invoice

_Adjustment = TypeVar("_Adjustment", bound=Adjustment)


@dataclass(frozen=True, slots=True)
class CreditedLine:
    """What is taken back of one line."""

    line: int
    """Which one, from 0."""
    quantity: Decimal | None = None
    """With the sign that it has on the invoice; None: all of it."""


def require_creditable(invoice: Invoice | None) -> tuple[Invoice, InvoiceIssued]:
    """Return an issued invoice. Raises PublicError invoice_unknown, not_creditable."""
    if invoice is None:
        raise refusals.invoice_unknown()
    if not isinstance(invoice.issued, InvoiceIssued):
        raise refusals_of_credits.credited_is_no_invoice()
    return invoice, invoice.issued


def credit_note_of(invoice: Invoice | None, lines: Sequence[CreditedLine] | None, *, today: date) -> Content:
    """Return what a credit note of the whole invoice says, or of some of its lines.

    Of the whole it is the invoice once more, and all of it is given back, also what was paid before the issue: the
    invoice's paid amount (BT-113) is no money that the customer got back. Of a part, fixed allowances and charges go
    along in proportion: a line's by its quantity, the document's by the lines of its VAT category and rate.

    Raises PublicError invoice_unknown, not_creditable, line_invalid, credit_exceeds_invoice.
    """
    invoice, issued = require_creditable(invoice)
    whole = _credit_note(invoice, issued, today)
    content = whole if lines is None else _part_of(whole, [_taken_back(whole, each) for each in _each_once(lines)])
    _require_left(invoice, InvoiceCredited(issued.invoice_id, "", "", credit_of(calculate(content))))
    return content


def rest_of(invoice: Invoice | None, *, today: date) -> Content:
    """Return what a credit note of all that is left says: a line for each VAT category and rate, at net prices.

    Quantities cannot say it: a third of 10.00, three times, is 9.99.

    Raises PublicError invoice_unknown, not_creditable, credit_exceeds_invoice.
    """
    invoice, issued = require_creditable(invoice)
    left = invoice.left()
    if left is None:
        raise ValueError("more was credited than was invoiced")
    if left.is_nothing:
        raise refusals_of_credits.credited_too_much(left)
    whole = _credit_note(invoice, issued, today)
    content = replace(
        whole,
        lines=tuple(_rest(part, str(issued.number)) for part in left.parts),
        prices=Prices.NET,
        adjustments=(),
    )
    content = _with_its_exemptions(content)
    _require_left(invoice, InvoiceCredited(issued.invoice_id, "", "", credit_of(calculate(content))))
    return content


def _rest(part: CreditedPart, number: str) -> Line:
    """Return the line that comes to what is left of a VAT category and rate; it is called as the invoice is."""
    quantity = Decimal(1) if part.taxable_amount > 0 else Decimal(-1)
    return Line(number, quantity, abs(part.taxable_amount), part.category, part.rate)


def replacement_of(invoice: Invoice | None, *, today: date) -> Content:
    """Return what a new invoice in the place of this one says at first; it deducts the same deposits.

    Raises PublicError as `require_creditable`.
    """
    invoice, issued = require_creditable(invoice)
    earlier = (_reference(invoice, issued), *deducted_in(invoice.content))
    return replace(invoice.content, issue_date=today, due_date=None, preceding=earlier)


def credited_invoice(content: Content) -> str | None:
    """Return the id of the invoice that a document takes something back of; PublicError document_invalid."""
    if content.document_type is not DocumentType.CREDIT_NOTE:
        return None
    named = {earlier.invoice_id for earlier in content.preceding if earlier.invoice_id is not None}
    if len(named) > 1:
        raise refusals_of_credits.credits_several()
    return next(iter(named), None)


def decide_credit(invoice: Invoice | None, note: Content, issued: CreditNoteIssued) -> InvoiceCredited:
    """Decide what issuing a credit note means for the invoice that it names.

    Raises PublicError invoice_unknown, not_creditable, credit_exceeds_invoice.
    """
    invoice, _ = require_creditable(invoice)
    if (note.customer_id, note.currency) != (invoice.content.customer_id, invoice.content.currency):
        raise refusals_of_credits.credit_note_for_another()
    event = InvoiceCredited(invoice.draft.invoice_id, issued.invoice_id, str(issued.number), credit_of(issued.totals))
    return replace(event, cancels=_require_left(invoice, event).is_nothing)


def _require_left(invoice: Invoice, event: InvoiceCredited) -> Left:
    """Return what is left to credit after this; PublicError credit_exceeds_invoice."""
    before, after = invoice.left(), invoice.left(event)
    if before is None:
        raise ValueError("more was credited than was invoiced")
    if after is None or (invoice.credited and before.is_nothing):
        raise refusals_of_credits.credited_too_much(before)
    return after


def _credit_note(invoice: Invoice, issued: InvoiceIssued, today: date) -> Content:
    """Return the invoice once more as a credit note that names it, without what belongs to the invoice alone."""
    return replace(
        invoice.content,
        document_type=DocumentType.CREDIT_NOTE,
        issue_date=today,
        due_date=None,
        tax_point_date=None,
        payment_terms=None,
        prepaid=NOTHING,
        preceding=(_reference(invoice, issued),),
        external_reference=None,
        series=None,
        note=None,
        attachments=(),
    )


def _reference(invoice: Invoice, issued: InvoiceIssued) -> Preceding:
    return Preceding(issued.invoice_id, str(issued.number), invoice.content.issue_date)


def _each_once(lines: Sequence[CreditedLine]) -> Sequence[CreditedLine]:
    seen: set[int] = set()
    for each in lines:
        if each.line in seen:
            raise refusals_of_credits.credited_line_unknown(each.line)
        seen.add(each.line)
    return lines


def _taken_back(content: Content, credited: CreditedLine) -> Line:
    """Return so much of a line; PublicError line_invalid."""
    if credited.line >= len(content.lines):
        raise refusals_of_credits.credited_line_unknown(credited.line)
    line = content.lines[credited.line]
    quantity = line.quantity if credited.quantity is None else credited.quantity
    share = Fraction(quantity) / Fraction(line.quantity)
    if not 0 < share <= 1:
        raise refusals_of_credits.credited_line_unknown(credited.line)
    return replace(line, quantity=quantity, adjustments=tuple(_scaled(each, share) for each in line.adjustments))


def _part_of(whole: Content, lines: Sequence[Line]) -> Content:
    part = replace(whole, lines=tuple(lines), adjustments=())
    invoiced, credited = _net_by_rate(replace(whole, adjustments=())), _net_by_rate(part)
    adjustments: list[DocumentAdjustment] = []
    for each in whole.adjustments:
        taxed = (each.vat_category, each.vat_rate)
        if each.percentage is not None:
            adjustments.append(each)
        elif invoiced[taxed] and credited[taxed]:
            adjustments.append(_scaled(each, min(Fraction(1), credited[taxed] / invoiced[taxed])))
    return _with_its_exemptions(replace(part, adjustments=tuple(adjustments)))


def _with_its_exemptions(content: Content) -> Content:
    """Return the same with the reasons of those VAT categories alone that are in it still."""
    used = {line.vat_category for line in content.lines} | {each.vat_category for each in content.adjustments}
    return replace(content, exemptions=tuple(each for each in content.exemptions if each.category in used))


def _net_by_rate(content: Content) -> defaultdict[tuple[VatCategory, Decimal], Fraction]:
    nets: defaultdict[tuple[VatCategory, Decimal], Fraction] = defaultdict(Fraction)
    for line, amounts in zip(content.lines, calculate(content).lines, strict=True):
        nets[line.vat_category, line.vat_rate] += Fraction(amounts.net)
    return nets


def _scaled(adjustment: _Adjustment, share: Fraction) -> _Adjustment:
    """Return an allowance or charge in proportion; a percentage is one of itself."""
    if adjustment.amount is None or share == 1:
        return adjustment
    cents = int(100 * Fraction(adjustment.amount) * max(share, Fraction(0)) + Fraction(1, 2))
    return replace(adjustment, amount=Decimal(cents).scaleb(-2))
