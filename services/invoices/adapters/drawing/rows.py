"""The lines, the sums by VAT category and the totals, as rows of text."""

from dataclasses import dataclass
from decimal import Decimal

from services.invoices.adapters.drawing.printable import printable
from services.invoices.adapters.drawing.wording import Pairs, Wording
from services.invoices.domain.document.calculation import sign_of
from services.invoices.domain.document.content import DocumentType, Prices
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, Line
from services.invoices.domain.document.totals import LineAmounts, VatBreakdown
from services.invoices.domain.document.vat import EXEMPTION_REASONS, VatCategory


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is shown."""

    position: str
    name: str
    details: list[str]
    quantity: str
    price: str
    per: str
    vat: str
    amount: str


def line_rows(wording: Wording, document: Document) -> list[Row]:
    """Return a row for each line."""
    pairs = zip(document.content.lines, document.totals.lines, strict=True)
    gross = document.content.prices is Prices.GROSS
    return [_row(wording, str(position), *pair, gross=gross) for position, pair in enumerate(pairs, start=1)]


def _row(wording: Wording, position: str, line: Line, amounts: LineAmounts, *, gross: bool) -> Row:
    figures = wording.figures
    per = (
        []
        if line.base_quantity == 1
        else [wording.say("per", quantity=figures.quantity(line.base_quantity, line.unit))]
    )
    net = [wording.say("net_price", price=figures.amount(amounts.net_price))] if gross else []
    return Row(
        position=position,
        name=printable(line.name),
        details=_details(wording, line, amounts),
        quantity=figures.quantity(line.quantity, line.unit),
        price=figures.amount(line.unit_price),
        per="\n".join(per + net),
        vat=rate_of(wording, line.vat_category, line.vat_rate),
        amount=figures.amount(amounts.net),
    )


def _details(wording: Wording, line: Line, amounts: LineAmounts) -> list[str]:
    figures = wording.figures
    labelled = wording.pairs(
        ("item_reference", line.item_reference),
        ("buyer_item_reference", line.buyer_item_reference),
        ("standard_item_id", line.standard_item_id),
        ("order_line", line.order_line),
        ("origin", line.origin_country and figures.country(line.origin_country)),
        ("line_period", None if line.period is None else wording.period(line.period)),
    )
    changes = zip(line.adjustments, amounts.adjustments, strict=True)
    return [
        *(printable(text) for text in (line.description, line.note) if text),
        *(" · ".join(f"{label} {value}" for label, value in labelled),) * bool(labelled),
        *(f"{named(wording, change)}: {_signed(wording, change, amount)}" for change, amount in changes),
    ]


def named(wording: Wording, change: Adjustment) -> str:
    """Return what an allowance or charge is: its kind, percentage and reason."""
    kind = wording.say("allowance" if change.kind is AdjustmentKind.ALLOWANCE else "charge")
    share = "" if change.percentage is None else f" {wording.figures.percentage(change.percentage)}"
    reason = change.reason or change.reason_code
    return f"{kind}{share}" + (f" ({printable(reason)})" if reason else "")


def rate_of(wording: Wording, category: VatCategory, rate: Decimal) -> str:
    """Return the rate; a dash for what VAT does not touch."""
    return "–" if category is VatCategory.OUTSIDE_SCOPE else wording.figures.percentage(rate)  # noqa: RUF001 -- a dash


def breakdown_rows(wording: Wording, document: Document) -> list[tuple[str, str, str]]:
    """Return rate and reason, taxable amount and VAT of each category."""
    figures = wording.figures
    return [
        (_label(wording, part), figures.amount(part.taxable_amount), figures.amount(part.tax_amount))
        for part in document.totals.breakdown
    ]


def _label(wording: Wording, part: VatBreakdown) -> str:
    usual = EXEMPTION_REASONS.get(part.category)
    if usual is not None and part.exemption_reason in {None, usual.reason}:
        # The domain's own words are English; each language has its own, which its law may ask for.
        return wording.say(f"exempt_{part.category.value}")
    if part.exemption_reason or part.exemption_code:
        return printable(part.exemption_reason or part.exemption_code or "")
    return rate_of(wording, part.category, part.rate)


def total_rows(wording: Wording, document: Document) -> Pairs:
    """Return what leads from the lines to what is due."""
    content, totals, figures = document.content, document.totals, wording.figures
    changes = [
        (
            f"{named(wording, change)}, {rate_of(wording, change.vat_category, change.vat_rate)}",
            _signed(wording, change, amount),
        )
        for change, amount in zip(content.adjustments, totals.adjustments, strict=True)
    ]
    rows = [("net_total", totals.net), ("vat_total", totals.vat), ("gross_total", totals.gross)]
    rows += [("prepaid", -totals.prepaid)] if totals.prepaid else []
    rows += [("rounding", totals.rounding)] if totals.rounding else []
    lines = [(wording.say("lines_total"), figures.amount(totals.lines_net))] if changes else []
    return lines + changes + [(wording.say(name), figures.amount(amount)) for name, amount in rows]


def due_row(wording: Wording, document: Document) -> tuple[str, str]:
    """Return what is to be paid, is credited, or would be to pay."""
    credit = document.content.document_type is DocumentType.CREDIT_NOTE
    due = "offer_total" if document.offer is not None else "credited" if credit else "payable"
    return wording.say(due), wording.figures.money(document.totals.payable)


def _signed(wording: Wording, change: Adjustment, amount: Decimal) -> str:
    return wording.figures.amount(sign_of(change) * amount)
