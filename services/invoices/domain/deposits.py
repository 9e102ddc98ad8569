"""The invoices of an accepted quote: deposits, and a final one that deducts them.

A deposit is a prepayment invoice (386) of a share of each VAT category and rate: it charges the VAT that becomes due
with the payment. The final invoice has the lines of the quote, and a line with a negative quantity for each rate of
each deposit. So its VAT is what is left to charge: all invoices of a quote together charge the VAT of the quote. With
the deposit in BT-113 alone the final invoice would charge the VAT of the whole once more: EN 16931 has no term for the
VAT of what was paid before (Germany: UStG section 14 (5), and UStAE 14.8 (11) on invoices over what is left).

The quote is the contract: its number is the contract reference (BT-12), the customer's order the one of BT-13.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.invoices.domain import refusals
from services.invoices.domain import refusals_of_quotes as refused
from services.invoices.domain.changing import copy_of
from services.invoices.domain.document.calculation import CENT, calculate
from services.invoices.domain.document.content import Content, DocumentType, Preceding, Prices
from services.invoices.domain.document.credit import credit_of, left_of
from services.invoices.domain.document.lines import DocumentAdjustment, Line
from services.invoices.domain.document.totals import Totals, VatBreakdown
from services.invoices.domain.events import InvoiceIssued
from services.invoices.domain.events.quotes import QuoteAccepted, QuoteInvoiced
from services.invoices.domain.invoice import Invoice, State
from services.invoices.domain.quote import Quote

_LONGEST_DESCRIPTION = 2000
_GIVEN_UP = frozenset({State.DISCARDED, State.CANCELLED})
"""A deposit that is not asked for any more."""


@dataclass(frozen=True, slots=True)
class Part:
    """An invoice that was drafted of a quote, as it is now."""

    event: QuoteInvoiced
    invoice: Invoice
    paid: bool
    """In full, by payments alone."""

    @property
    def is_deposit(self) -> bool:
        """Tell whether it asks for a part in advance."""
        return self.event.deposit_percent is not None


def deposit_of(quote: Quote, parts: Sequence[Part], percent: Decimal, today: date) -> Content:
    """Return what a deposit of so many percent says.

    Raises PublicError quote_not_accepted, quote_invoiced, deposit_exceeds_quote, invoice_empty for less than a cent.
    """
    base = _base(quote, parts, today)
    lines = tuple(_share(quote, part, percent) for part in quote.offered.totals.breakdown if _of(part, percent))
    if not lines:
        raise refusals.invoice_empty()
    charged = {line.vat_category for line in lines}
    content = replace(
        base,
        document_type=DocumentType.PREPAYMENT_INVOICE,
        lines=lines,
        adjustments=(),
        exemptions=tuple(each for each in base.exemptions if each.category in charged),
    )
    before = [part.invoice.totals for part in _asked(parts)]
    _require_within(quote, [*before, calculate(content)])
    return content


def final_of(quote: Quote, parts: Sequence[Part], today: date) -> Content:
    """Return what the final invoice says at first: all that was accepted, less the deposits that were paid.

    Raises PublicError quote_not_accepted, quote_invoiced, deposit_unsettled, deposit_exceeds_quote.
    """
    base = _base(quote, parts, today)
    deposits = [_settled(part) for part in _asked(parts)]
    if not deposits:
        return base
    _require_within(quote, [issued.totals for issued, _ in deposits])
    return replace(
        base,
        lines=(*base.lines, *(line for issued, _ in deposits for line in _deducted(issued, base.prices))),
        adjustments=_fixed(base, quote.offered.totals),
        preceding=tuple(Preceding(issued.invoice_id, str(issued.number), day) for issued, day in deposits),
    )


def require_fitting(quote: Quote, parts: Sequence[Part], draft: Invoice) -> None:
    """Refuse to issue a draft that is not what the quote takes: since it was written, either can have changed.

    Raises PublicError document_invalid, deposit_unsettled, deposit_exceeds_quote.
    """
    (own,) = (part for part in parts if part.event.invoice_id == draft.draft.invoice_id)
    content = draft.content
    kind = DocumentType.PREPAYMENT_INVOICE if own.is_deposit else DocumentType.INVOICE
    if content.document_type is not kind:
        raise refused.not_of_quote("document_type")
    if content.currency != quote.content.currency:
        raise refused.not_of_quote("currency")
    if own.is_deposit:
        _require_within(quote, [part.invoice.totals for part in _asked(parts)])
    else:
        _require_deducted(content, parts)


def require_not_deducted(parts: Sequence[Part], deposit: Invoice) -> None:
    """Refuse to credit a deposit that an invoice deducts which still stands; PublicError not_creditable."""
    for part in parts:
        if not part.is_deposit and deducts(part.invoice, deposit.draft.invoice_id):
            raise refused.deposit_deducted(part.event.invoice_id)


def deducts(invoice: Invoice, deposit_id: str) -> bool:
    """Tell whether an invoice that was issued, and still stands, deducts a deposit."""
    stands = invoice.issued is not None and invoice.state is not State.CANCELLED
    final = invoice.content.document_type is DocumentType.INVOICE
    return stands and final and deposit_id in _named(invoice.content)


def _require_deducted(content: Content, parts: Sequence[Part]) -> None:
    """Refuse a final invoice that does not deduct every deposit that was paid, and no other."""
    deposits = [_settled(part)[0] for part in _asked(parts)]
    named, lines = _named(content), [replace(line, description=None) for line in content.lines]
    for part in parts:
        if part.is_deposit and part.invoice.state in _GIVEN_UP and part.event.invoice_id in named:
            raise refused.credited_deposit_deducted(part.event.invoice_id)
    for issued in deposits:
        if issued.invoice_id not in named:
            raise refused.not_of_quote("preceding")
        if any(lines.count(line) != 1 for line in _deducted(issued, content.prices)):
            raise refused.not_of_quote("lines")


def _named(content: Content) -> set[str]:
    return {earlier.invoice_id for earlier in content.preceding if earlier.invoice_id is not None}


def _base(quote: Quote, parts: Sequence[Part], today: date) -> Content:
    if quote.accepted is None:
        raise refused.quote_not_accepted()
    for part in parts:
        if not part.is_deposit and part.invoice.state is not State.DISCARDED:
            raise refused.quote_invoiced(part.event.invoice_id)
    return _referring(copy_of(quote.content, today=today), quote.offered.number, quote.accepted)


def _referring(content: Content, number: str, accepted: QuoteAccepted) -> Content:
    """Name quote and order; where the quote itself names another contract (BT-12), the note (BT-22) names the quote."""
    content = replace(content, order_reference=accepted.order_reference)
    if content.contract_reference is None:
        return replace(content, contract_reference=number)
    return replace(content, note="\n".join(text for text in (number, content.note) if text))


def _asked(parts: Sequence[Part]) -> list[Part]:
    return [part for part in parts if part.is_deposit and part.invoice.state not in _GIVEN_UP]


def _settled(part: Part) -> tuple[InvoiceIssued, date]:
    issued = part.invoice.issued
    if part.invoice.state is not State.ISSUED or not isinstance(issued, InvoiceIssued) or not part.paid:
        raise refused.deposit_unsettled(part.event.invoice_id)
    return issued, part.invoice.content.issue_date


def _require_within(quote: Quote, deposits: Sequence[Totals]) -> None:
    if left_of(quote.offered.totals, map(credit_of, deposits)) is None:
        raise refused.deposit_exceeds_quote()


def _share(quote: Quote, part: VatBreakdown, percent: Decimal) -> Line:
    content = quote.content
    taxed = (part.category, part.rate)
    named = ", ".join(line.name for line in content.lines if (line.vat_category, line.vat_rate) == taxed)
    amount = _of(part, percent) if content.prices is Prices.NET else _cents(_gross(part) * percent / 100)
    return Line(
        # Figures and the quote's own words: they need no translation.
        name=f"{quote.offered.number}: {percent.normalize():f} %",
        quantity=Decimal(-1 if amount < 0 else 1),
        unit_price=abs(amount),
        vat_category=part.category,
        vat_rate=part.rate,
        description=named[:_LONGEST_DESCRIPTION] or None,
    )


def _deducted(issued: InvoiceIssued, prices: Prices) -> Iterator[Line]:
    """Yield a line for each rate that takes back exactly what the deposit taxed of it (BT-116).

    With gross prices too: net and VAT in cents, divided by 1 + rate, are less than half a cent from the net.
    """
    for part in issued.totals.breakdown:
        amount = part.taxable_amount if prices is Prices.NET else _gross(part)
        if amount:
            yield Line(
                name=str(issued.number),
                quantity=Decimal(1 if amount < 0 else -1),
                unit_price=abs(amount),
                vat_category=part.category,
                vat_rate=part.rate,
            )


def _fixed(content: Content, offered: Totals) -> tuple[DocumentAdjustment, ...]:
    """Return allowances and charges as amounts: a percentage would be one of what is left, not of what was agreed."""
    agreed = sum((line.agreed for line in offered.lines), Decimal(0))
    fixed = []
    for each, net in zip(content.adjustments, offered.adjustments, strict=True):
        if each.percentage is None:
            fixed.append(each)
        else:
            amount = net if content.prices is Prices.NET else _cents(agreed * each.percentage / 100)
            fixed.append(replace(each, percentage=None, amount=amount))
    return tuple(fixed)


def _of(part: VatBreakdown, percent: Decimal) -> Decimal:
    return _cents(part.taxable_amount * percent / 100)


def _gross(part: VatBreakdown) -> Decimal:
    return part.taxable_amount + part.tax_amount


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
