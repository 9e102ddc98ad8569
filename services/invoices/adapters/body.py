"""The body of a document as blocks: lines, sums, how to pay, the note. However long they are, nothing is cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from services.invoices.adapters.figures import grouped, money
from services.invoices.adapters.layout import HEADS, LEFT, RIGHT, Block
from services.invoices.adapters.paper import ACCENT, QUIET, TINT, WHITE, Paper
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.document.lines import Line
from services.invoices.domain.document.totals import LineAmounts, VatBreakdown
from services.invoices.domain.events import InvoiceDrafted, Issued

_LINE_HEIGHT = 4.2
_ROW_PADDING = 2.6
# Where the columns of the table are: the description from its left end, the numbers to their right ends.
_DESCRIPTION, _DESCRIPTION_WIDTH = LEFT + 10, 77.0
_POSITION, _QUANTITY, _PRICE, _VAT, _AMOUNT = LEFT + 7.5, 126.0, 148.0, 163.0, RIGHT - 2
_QUANTITY_WIDTH, _PRICE_WIDTH, _AMOUNT_WIDTH = 18.0, 20.0, 23.0
# The sums by VAT category stand left, the totals right of them in a box.
_BREAKDOWN_NET, _BREAKDOWN_VAT, _BREAKDOWN_WIDTH = LEFT + 58, LEFT + 92, 30.0
_BREAKDOWN_ROW = 5.4
_BESIDE_TOTALS = 4
"""How many rows of the breakdown stand beside the totals; the others follow below."""
_TOTALS_WIDTH, _TOTALS_LABEL = 66.0, 24.0
_SUMS_TOP, _TOTALS_HEIGHT = 9.0, 35.0
_PAYMENT_HEIGHT = 17.0


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it will be drawn."""

    position: int
    line: Line
    amounts: LineAmounts
    description: Sequence[str]
    reference: Sequence[str]

    @property
    def height(self) -> float:
        """Millimetres."""
        return (len(self.description) + len(self.reference)) * _LINE_HEIGHT + _ROW_PADDING


def line_blocks(sheet: Paper, lines: Sequence[Line], amounts: Sequence[LineAmounts]) -> Iterator[Block]:
    """Yield a block per line."""
    for position, (line, computed) in enumerate(zip(lines, amounts, strict=True), start=1):
        description = sheet.wrap(line.name, _DESCRIPTION_WIDTH)
        reference = sheet.wrap(line.item_reference, _DESCRIPTION_WIDTH, size=7.5) if line.item_reference else []
        row = Row(position, line, computed, description, reference)
        yield Block(row.height, partial(_draw_row, sheet, row), in_table=True)


def closing_blocks(sheet: Paper, draft: InvoiceDrafted, issued: Issued) -> Iterator[Block]:
    """Yield the sums, how to pay, and the note."""
    beside, below = issued.totals.breakdown[:_BESIDE_TOTALS], issued.totals.breakdown[_BESIDE_TOTALS:]
    height = _SUMS_TOP + _BREAKDOWN_ROW * (len(beside) + 1 / 4) if below else _TOTALS_HEIGHT
    yield Block(height, partial(_draw_sums, sheet, draft, issued, beside), together=_PAYMENT_HEIGHT)
    for part in below:
        yield Block(_BREAKDOWN_ROW, partial(_draw_breakdown_row, sheet, part))
    yield Block(_PAYMENT_HEIGHT, partial(_draw_payment, sheet, draft, issued))
    if draft.content.note:
        yield Block(8.0, partial(_draw_label, sheet, "NOTE"), together=_LINE_HEIGHT)
        for text in sheet.wrap(draft.content.note, RIGHT - LEFT, size=8.5):
            yield Block(_LINE_HEIGHT, partial(_draw_note_line, sheet, text))


def draw_heads(sheet: Paper, top: float, currency: str) -> None:
    """Draw the table's column heads, which end where its lines begin."""
    sheet.fill(LEFT, top - HEADS, RIGHT - LEFT, HEADS, ACCENT)
    for x, text, align in (
        (_POSITION, "#", "right"),
        (_DESCRIPTION, "Description", "left"),
        (_QUANTITY, "Quantity", "right"),
        (_PRICE, "Unit price", "right"),
        (_VAT, "VAT", "right"),
        (_AMOUNT, f"Net {currency}", "right"),
    ):
        sheet.put(x, top - 2.7, text, size=8, bold=True, colour=WHITE, align=align)


def _draw_row(sheet: Paper, row: Row, top: float) -> None:
    line = row.line
    if row.position % 2 == 0:
        sheet.fill(LEFT, top, RIGHT - LEFT, row.height, TINT)
    y = top + _LINE_HEIGHT
    sheet.put(_POSITION, y, str(row.position), size=8, colour=QUIET, align="right")
    sheet.put(_QUANTITY, y, grouped(line.quantity), align="right", within=_QUANTITY_WIDTH)
    sheet.put(_PRICE, y, grouped(row.amounts.net_price, least=2), align="right", within=_PRICE_WIDTH)
    sheet.put(_VAT, y, f"{grouped(line.vat_rate)} %", align="right")
    sheet.put(_AMOUNT, y, grouped(row.amounts.net, least=2), align="right", within=_AMOUNT_WIDTH)
    for text in row.description:
        sheet.put(_DESCRIPTION, y, text)
        y += _LINE_HEIGHT
    for text in row.reference:
        sheet.put(_DESCRIPTION, y - 0.3, text, size=7.5, colour=QUIET)
        y += _LINE_HEIGHT


def _draw_sums(
    sheet: Paper, draft: InvoiceDrafted, issued: Issued, breakdown: Sequence[VatBreakdown], top: float
) -> None:
    y = top + _SUMS_TOP
    sheet.put(LEFT, y, "VAT", size=7.5, bold=True, colour=ACCENT)
    sheet.put(_BREAKDOWN_NET, y, "Net", size=7.5, bold=True, colour=ACCENT, align="right")
    sheet.put(_BREAKDOWN_VAT, y, "VAT amount", size=7.5, bold=True, colour=ACCENT, align="right")
    for index, part in enumerate(breakdown):
        _draw_breakdown_row(sheet, part, y + _BREAKDOWN_ROW * (index + 1 / 4))
    _draw_totals(sheet, draft, issued, y)


def _draw_breakdown_row(sheet: Paper, part: VatBreakdown, top: float) -> None:
    y = top + 3.6
    sheet.put(LEFT, y, part.exemption_reason or f"{grouped(part.rate)} %", size=8)
    for x, amount in ((_BREAKDOWN_NET, part.taxable_amount), (_BREAKDOWN_VAT, part.tax_amount)):
        sheet.put(x, y, grouped(amount, least=2), size=8, align="right", within=_BREAKDOWN_WIDTH)
    sheet.rule(LEFT, y + 1.6, _BREAKDOWN_VAT)


def _draw_totals(sheet: Paper, draft: InvoiceDrafted, issued: Issued, y: float) -> None:
    left, totals = RIGHT - _TOTALS_WIDTH, issued.totals
    room = _TOTALS_WIDTH - _TOTALS_LABEL - 6
    for label, amount in (("Net total", totals.net), ("VAT", totals.vat), ("Total with VAT", totals.gross)):
        sheet.put(left + 3, y, label, colour=QUIET)
        sheet.put(_AMOUNT, y, grouped(amount, least=2), align="right", within=room)
        y += 5.8
    sheet.fill(left, y - 3.5, _TOTALS_WIDTH, 10, ACCENT)
    label = "Total credit" if draft.content.document_type is DocumentType.CREDIT_NOTE else "Amount due"
    sheet.put(left + 3, y + 2.9, label, size=9.5, bold=True, colour=WHITE)
    due = money(totals.payable, issued.currency)
    sheet.put(_AMOUNT, y + 2.9, due, size=10.5, bold=True, colour=WHITE, align="right", within=room)


def _draw_payment(sheet: Paper, draft: InvoiceDrafted, issued: Issued, top: float) -> None:
    owed = draft.content.document_type is not DocumentType.CREDIT_NOTE and issued.totals.payable > 0
    iban = " ".join(issued.seller.iban[start : start + 4] for start in range(0, len(issued.seller.iban), 4))
    _draw_label(sheet, "PAYMENT" if owed else "CREDIT", top + 1)
    sheet.put(
        LEFT,
        top + 10,
        f"Please transfer to IBAN {iban}, giving the number {issued.number}."
        if owed
        else "This amount is credited to you; nothing is to be paid.",
    )
    if owed and issued.seller.account_since is not None:
        since = issued.seller.account_since.isoformat()
        sheet.put(LEFT, top + 14.2, f"This account is valid since {since}; who names another one is not us.", size=8)


def _draw_label(sheet: Paper, text: str, top: float) -> None:
    sheet.put(LEFT, top + 4, text, size=7.5, bold=True, colour=ACCENT)


def _draw_note_line(sheet: Paper, text: str, top: float) -> None:
    sheet.put(LEFT, top + 1, text, size=8.5)
