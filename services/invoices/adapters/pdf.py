"""An issued document as an A4 PDF. A pure function: the same events give the same bytes, on any machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from string import ascii_letters, digits, punctuation

from services.invoices.adapters import paper
from services.invoices.adapters.paper import ACCENT, HAIRLINE, QUIET, TINT, WHITE, Paper
from services.invoices.domain.amounts import Line
from services.invoices.domain.events import InvoiceDrafted, Issued
from services.invoices.domain.party import Address, Seller
from services.invoices.domain.series import DocumentType
from shared.kernel.clock import from_rfc3339

LEFT, RIGHT = 20.0, paper.WIDTH - 20.0
_FIRST_TABLE_TOP, _NEXT_TABLE_TOP = 112.0, 36.0
_BOTTOM = 268.0
_LINE_HEIGHT = 4.2
_ROW_PADDING = 2.6
_DESCRIPTION_WIDTH = 78.0
_SIDE_WIDTH = 62.0
# Right ends of the number columns; the description starts where the line number ends.
_DESCRIPTION, _QUANTITY, _PRICE, _VAT, _AMOUNT = LEFT + 9, 125.0, 148.0, 163.0, RIGHT - 2

_TITLES = {DocumentType.INVOICE: "Invoice", DocumentType.CREDIT_NOTE: "Credit note"}
# What the form itself and all ids, numbers and codes are written with; the events' texts come on top.
_FORM = frozenset(ascii_letters + digits + punctuation + " ·−")  # noqa: RUF001 -- the minus sign is meant


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it will be drawn."""

    position: int
    line: Line
    description: Sequence[str]

    @property
    def height(self) -> float:
        """Millimetres."""
        texts = len(self.description) + (self.line.item_reference is not None)
        return texts * _LINE_HEIGHT + _ROW_PADDING


def render(draft: InvoiceDrafted, issued: Issued) -> bytes:
    """Draw the document that `issued` made of `draft`. CPU-bound: call it off the event loop."""
    title = f"{_TITLES[draft.document_type]} {issued.number}"
    sheet = Paper(_characters(draft, issued), title=title, created=from_rfc3339(issued.issued_at))
    note = sheet.wrap(draft.note, RIGHT - LEFT, size=8.5) if draft.note else []
    closing = _closing_height(issued, len(note))
    pages = paginate([_row(sheet, index, line) for index, line in enumerate(draft.lines)], closing)
    for index, rows in enumerate(pages):
        sheet.new_page()
        if index == 0:
            _draw_letterhead(sheet, draft, issued)
            _draw_buyer(sheet, issued)
            _draw_facts(sheet, draft, issued)
            top = _FIRST_TABLE_TOP
        else:
            sheet.put(LEFT, 24, title, size=11, bold=True, colour=ACCENT)
            sheet.put(RIGHT, 24, "continued", colour=QUIET, align="right")
            top = _NEXT_TABLE_TOP
        end = _draw_table(sheet, rows, top, issued.currency) if rows else top - 6
        if index == len(pages) - 1:
            _draw_closing(sheet, draft, issued, end + 6, note)
        _draw_footer(sheet, issued.seller, f"{issued.number} · page {index + 1} of {len(pages)}")
    return sheet.to_bytes()


def paginate(rows: Sequence[Row], closing: float) -> list[list[Row]]:
    """Share the rows out over pages so that the closing block (`closing` mm) fits under the last of them."""
    pages: list[list[Row]] = [[]]
    y = _FIRST_TABLE_TOP
    for row in rows:
        if y + row.height > _BOTTOM and pages[-1]:
            pages.append([])
            y = _NEXT_TABLE_TOP
        pages[-1].append(row)
        y += row.height
    if y + 6 + closing > _BOTTOM:
        pages.append([])
    return pages


def _row(sheet: Paper, index: int, line: Line) -> Row:
    return Row(index + 1, line, sheet.wrap(line.description, _DESCRIPTION_WIDTH))


def _characters(draft: InvoiceDrafted, issued: Issued) -> set[str]:
    """Everything that may be written, so that the font is cut to it."""
    parties = (issued.seller, issued.customer)
    addresses = chain.from_iterable(_address_lines(party.address) for party in parties)
    names = (issued.seller.name, issued.seller.email, issued.customer.name, issued.customer.reference)
    document = (draft.external_reference, draft.note)
    lines = chain.from_iterable((line.description, line.item_reference) for line in draft.lines)
    return set(_FORM.union(*(text for text in chain(addresses, names, document, lines) if text)))


def _address_lines(address: Address) -> tuple[str, str, str]:
    return address.line, f"{address.post_code} {address.city}", address.country_code


def _draw_letterhead(sheet: Paper, draft: InvoiceDrafted, issued: Issued) -> None:
    seller = issued.seller
    sheet.fill(0, 0, paper.WIDTH, 4, ACCENT)
    sheet.put(RIGHT, 29, _TITLES[draft.document_type].upper(), size=20, colour=ACCENT, align="right")
    sheet.put(RIGHT, 36, str(issued.number), size=11, bold=True, align="right")
    name = sheet.wrap(seller.name, 100, size=14, bold=True)[:2]
    y = 27.0
    for line in name:
        sheet.put(LEFT, y, line, size=14, bold=True)
        y += 6
    _draw_stack(sheet, LEFT, y, [*_address_lines(seller.address), f"VAT {seller.vat_id}"], 100)


def _draw_buyer(sheet: Paper, issued: Issued) -> None:
    customer = issued.customer
    sheet.put(LEFT, 68, "BILL TO", size=7.5, bold=True, colour=ACCENT)
    y = 73.5
    for line in sheet.wrap(customer.name, 85, size=10.5, bold=True)[:3]:
        sheet.put(LEFT, y, line, size=10.5, bold=True)
        y += 5
    stack = [*_address_lines(customer.address)]
    if customer.vat_id:
        stack.append(f"VAT {customer.vat_id}")
    _draw_stack(sheet, LEFT, y, stack, 85)


def _draw_stack(sheet: Paper, x: float, y: float, texts: Sequence[str], width: float) -> None:
    for line in chain.from_iterable(sheet.wrap(text, width)[:2] for text in texts):
        sheet.put(x, y, line, colour=QUIET)
        y += 4.4


def _draw_facts(sheet: Paper, draft: InvoiceDrafted, issued: Issued) -> None:
    credit = draft.document_type is DocumentType.CREDIT_NOTE
    facts = [
        ("Number", str(issued.number)),
        ("Date", draft.issue_date.isoformat()),
        ("Your reference", issued.customer.reference),
        ("Our reference", draft.external_reference),
        ("Total credit" if credit else "Amount due", money(issued.totals.payable, issued.currency)),
    ]
    y = 68.0
    left = 122.0
    for label, value in facts:
        if value is None:
            continue
        sheet.put(left, y, label, size=8.5, colour=QUIET)
        sheet.put(RIGHT, y, sheet.wrap(value, 40, bold=True)[0], bold=True, align="right")
        sheet.rule(left, y + 1.9, RIGHT)
        y += 6.4


def _draw_table(sheet: Paper, rows: Sequence[Row], top: float, currency: str) -> float:
    """Draw the column heads and these rows; return where they end."""
    sheet.fill(LEFT, top - 7.5, RIGHT - LEFT, 7.5, ACCENT)
    baseline = top - 2.7
    for x, text, align in (
        (LEFT + 2, "#", "left"),
        (_DESCRIPTION, "Description", "left"),
        (_QUANTITY, "Quantity", "right"),
        (_PRICE, "Unit price", "right"),
        (_VAT, "VAT", "right"),
        (_AMOUNT, f"Net {currency}", "right"),
    ):
        sheet.put(x, baseline, text, size=8, bold=True, colour=WHITE, align=align)
    y = top
    for row in rows:
        if row.position % 2 == 0:
            sheet.fill(LEFT, y, RIGHT - LEFT, row.height, TINT)
        _draw_row(sheet, row, y + _LINE_HEIGHT)
        y += row.height
    sheet.rule(LEFT, y, RIGHT, colour=ACCENT, width=0.3)
    return y


def _draw_row(sheet: Paper, row: Row, baseline: float) -> None:
    line = row.line
    sheet.put(LEFT + 2, baseline, str(row.position), size=8, colour=QUIET)
    sheet.put(_QUANTITY, baseline, grouped(line.quantity), align="right")
    sheet.put(_PRICE, baseline, grouped(line.unit_price, least=2), align="right")
    sheet.put(_VAT, baseline, f"{grouped(line.vat_rate)} %", align="right")
    sheet.put(_AMOUNT, baseline, grouped(line.net_amount, least=2), align="right")
    for text in row.description:
        sheet.put(_DESCRIPTION, baseline, text)
        baseline += _LINE_HEIGHT
    if line.item_reference is not None:
        reference = sheet.wrap(line.item_reference, _DESCRIPTION_WIDTH, size=7.5)[0]
        sheet.put(_DESCRIPTION, baseline - 0.3, reference, size=7.5, colour=QUIET)


def _closing_height(issued: Issued, note_lines: int) -> float:
    breakdown = 8 + 5.4 * len(issued.totals.breakdown)
    return max(breakdown, 30) + 24 + (8 + 4.2 * note_lines if note_lines else 0)


def _draw_closing(sheet: Paper, draft: InvoiceDrafted, issued: Issued, top: float, note: Sequence[str]) -> None:
    credit = draft.document_type is DocumentType.CREDIT_NOTE
    end = max(_draw_breakdown(sheet, issued, top), _draw_totals(sheet, issued, top, credit=credit)) + 9
    sheet.put(LEFT, end, "CREDIT" if credit else "PAYMENT", size=7.5, bold=True, colour=ACCENT)
    if credit:
        sheet.put(LEFT, end + 5, "This amount is credited to you; nothing is to be paid.")
    else:
        iban = " ".join(issued.seller.iban[start : start + 4] for start in range(0, 34, 4)).strip()
        sheet.put(LEFT, end + 5, f"Please transfer to IBAN {iban}, giving the number {issued.number}.")
    for index, line in enumerate(note):
        if index == 0:
            sheet.put(LEFT, end + 13, "NOTE", size=7.5, bold=True, colour=ACCENT)
        sheet.put(LEFT, end + 18 + 4.2 * index, line, size=8.5)


def _draw_breakdown(sheet: Paper, issued: Issued, top: float) -> float:
    sheet.put(LEFT, top + 3, "VAT", size=7.5, bold=True, colour=ACCENT)
    sheet.put(LEFT + 50, top + 3, "Net", size=7.5, bold=True, colour=ACCENT, align="right")
    sheet.put(LEFT + 76, top + 3, "VAT amount", size=7.5, bold=True, colour=ACCENT, align="right")
    y = top + 8
    for part in issued.totals.breakdown:
        label = part.exemption_reason or f"{part.category} {grouped(part.rate)} %"
        sheet.put(LEFT, y, label, size=8)
        sheet.put(LEFT + 50, y, grouped(part.taxable_amount, least=2), size=8, align="right")
        sheet.put(LEFT + 76, y, grouped(part.tax_amount, least=2), size=8, align="right")
        sheet.rule(LEFT, y + 1.6, LEFT + 76, colour=HAIRLINE)
        y += 5.4
    return y


def _draw_totals(sheet: Paper, issued: Issued, top: float, *, credit: bool) -> float:
    left, totals = RIGHT - _SIDE_WIDTH, issued.totals
    y = top + 3
    for label, amount in (("Net total", totals.net), ("VAT", totals.vat), ("Total with VAT", totals.gross)):
        sheet.put(left + 3, y, label, colour=QUIET)
        sheet.put(_AMOUNT, y, grouped(amount, least=2), align="right")
        y += 5.8
    sheet.fill(left, y - 3.5, _SIDE_WIDTH, 10, ACCENT)
    label = "Total credit" if credit else "Amount due"
    sheet.put(left + 3, y + 2.9, label, size=9.5, bold=True, colour=WHITE)
    payable = money(totals.payable, issued.currency)
    sheet.put(_AMOUNT, y + 2.9, payable, size=10.5, bold=True, colour=WHITE, align="right")
    return y + 6.5


def _draw_footer(sheet: Paper, seller: Seller, page: str) -> None:
    sheet.rule(LEFT, 278, RIGHT)
    particulars = f"{seller.name} · {seller.email} · VAT {seller.vat_id}"
    sheet.put(LEFT, 282.5, sheet.wrap(particulars, 128, size=7.5)[0], size=7.5, colour=QUIET)
    sheet.put(RIGHT, 282.5, page, size=7.5, colour=QUIET, align="right")


def money(amount: Decimal, currency: str) -> str:
    """Write an amount for people: `GBP 1,234.50`."""
    return f"{currency} {grouped(amount, least=2)}"


def grouped(value: Decimal, *, least: int = 0) -> str:
    """Write a number for people: thousands grouped, at least `least` decimals, a true minus sign."""
    whole, _, fraction = f"{abs(value):,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    sign = "−" if value < 0 else ""  # noqa: RUF001 -- the minus sign is meant
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
