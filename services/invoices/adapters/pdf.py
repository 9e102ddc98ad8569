"""An issued document as an A4 PDF. A pure function: the same events give the same bytes, on any machine."""

from collections.abc import Sequence
from itertools import chain
from string import ascii_letters, digits, punctuation

from services.invoices.adapters import paper
from services.invoices.adapters.body import closing_blocks, draw_heads, line_blocks
from services.invoices.adapters.figures import money
from services.invoices.adapters.layout import LEFT, RIGHT, Placed, paginate
from services.invoices.adapters.paper import ACCENT, QUIET, Paper
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.document.parties import Address, Seller
from services.invoices.domain.events import InvoiceDrafted, Issued
from shared.kernel.clock import from_rfc3339

_TITLES = {
    DocumentType.INVOICE: "Invoice",
    DocumentType.PREPAYMENT_INVOICE: "Prepayment invoice",
    DocumentType.CREDIT_NOTE: "Credit note",
}
# What the form itself and all ids, numbers and codes are written with; the events' texts come on top.
_FORM = frozenset(ascii_letters + digits + punctuation + " ·−")  # noqa: RUF001 -- the minus sign is meant
_TWO_LINES = 8.5
_FACTS, _FACT_WIDTH = 122.0, 44.0


def render(draft: InvoiceDrafted, issued: Issued) -> bytes:
    """Draw the document that `issued` made of `draft`. CPU-bound: call it off the event loop."""
    title = f"{_TITLES[draft.content.document_type]} {issued.number}"
    sheet = Paper(_characters(draft, issued), title=title, created=from_rfc3339(issued.issued_at))
    pages = paginate(
        [*line_blocks(sheet, draft.content.lines, issued.totals.lines), *closing_blocks(sheet, draft, issued)]
    )
    for index, blocks in enumerate(pages):
        sheet.new_page()
        if index == 0:
            _draw_letterhead(sheet, draft, issued)
            _draw_buyer(sheet, issued)
            _draw_facts(sheet, draft, issued)
        else:
            sheet.put(LEFT, 24, title, size=11, bold=True, colour=ACCENT)
            sheet.put(RIGHT, 24, "continued", colour=QUIET, align="right")
        _draw_blocks(sheet, blocks, issued.currency)
        _draw_footer(sheet, issued.seller, f"{issued.number} · page {index + 1} of {len(pages)}")
    return sheet.to_bytes()


def _characters(draft: InvoiceDrafted, issued: Issued) -> set[str]:
    """Everything that may be written, so that the font is cut to it."""
    parties = (issued.seller, issued.customer)
    addresses = chain.from_iterable(_address_lines(party.address) for party in parties)
    names = (issued.seller.name, issued.seller.email, issued.customer.name, issued.customer.reference)
    document = (draft.content.external_reference, draft.content.note)
    lines = chain.from_iterable((line.name, line.item_reference) for line in draft.content.lines)
    return set(_FORM.union(*(text for text in chain(addresses, names, document, lines) if text)))


def _address_lines(address: Address) -> tuple[str, str]:
    return address.line, f"{address.post_code} {address.city}, {address.country_code}"


def _draw_blocks(sheet: Paper, blocks: Sequence[Placed], currency: str) -> None:
    rows = [placed for placed in blocks if placed.block.in_table]
    if rows:
        draw_heads(sheet, rows[0].top, currency)
    for placed in blocks:
        placed.block.draw(placed.top)
    if rows:
        sheet.rule(LEFT, rows[-1].bottom, RIGHT, colour=ACCENT, width=0.3)


def _draw_letterhead(sheet: Paper, draft: InvoiceDrafted, issued: Issued) -> None:
    seller = issued.seller
    sheet.fill(0, 0, paper.WIDTH, 4, ACCENT)
    sheet.put(RIGHT, 29, _TITLES[draft.content.document_type].upper(), size=20, colour=ACCENT, align="right")
    sheet.put(RIGHT, 36, str(issued.number), size=11, bold=True, align="right")
    y = sheet.put_within(LEFT, 28, seller.name, width=100, height=14, size=14, bold=True)
    _draw_stack(sheet, y, [*_address_lines(seller.address), *_identifier(seller.vat_id)], 100)


def _draw_buyer(sheet: Paper, issued: Issued) -> None:
    customer = issued.customer
    sheet.put(LEFT, 68, "BILL TO", size=7.5, bold=True, colour=ACCENT)
    y = sheet.put_within(LEFT, 73.5, customer.name, width=90, height=10, size=10.5, bold=True)
    _draw_stack(sheet, y, [*_address_lines(customer.address), *_identifier(customer.vat_id)], 90)


def _identifier(vat_id: str | None) -> list[str]:
    return [f"VAT {vat_id}"] if vat_id else []


def _draw_stack(sheet: Paper, y: float, texts: Sequence[str], width: float) -> None:
    for text in texts:
        y = sheet.put_within(LEFT, y, text, width=width, height=_TWO_LINES, colour=QUIET)


def _draw_facts(sheet: Paper, draft: InvoiceDrafted, issued: Issued) -> None:
    credit = draft.content.document_type is DocumentType.CREDIT_NOTE
    y = 68.0
    for label, value in (
        ("Number", str(issued.number)),
        ("Date", draft.content.issue_date.isoformat()),
        ("Your reference", issued.customer.reference),
        ("Our reference", draft.content.external_reference),
        ("Total credit" if credit else "Amount due", money(issued.totals.payable, issued.currency)),
    ):
        if value is None:
            continue
        sheet.put(_FACTS, y, label, size=8.5, colour=QUIET)
        end = sheet.put_within(RIGHT, y, value, width=_FACT_WIDTH, height=7.5, bold=True, align="right")
        sheet.rule(_FACTS, end - 2.3, RIGHT)
        y = end + 2.2


def _draw_footer(sheet: Paper, seller: Seller, page: str) -> None:
    sheet.rule(LEFT, 278, RIGHT)
    particulars = " · ".join([seller.name, seller.email, *_identifier(seller.vat_id)])
    sheet.put_within(LEFT, 282.5, particulars, width=128, height=7, size=7.5, colour=QUIET)
    sheet.put(RIGHT, 282.5, page, size=7.5, colour=QUIET, align="right")
