"""How large a document may be: what lies beyond cannot be archived or sent, so it is refused while it is a draft."""

from collections.abc import Iterator
from decimal import Decimal

from services.invoices.domain import refusals
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.totals import Totals

MAX_SUM = Decimal(10) ** 11
"""The official Schematron adds in binary floating point: with larger sums it finds rules broken that are kept."""
MAX_WEIGHT = 400_000
"""Characters in all texts, a line feed counting as a whole row of them: some hundred pages, a few megabytes."""
_ROW = 80


def require_bounded(content: Content) -> Totals:
    """Return what a content comes to; PublicError document_invalid when its sums or texts are too large."""
    if sum(map(_weight, _texts(content))) > MAX_WEIGHT:
        raise refusals.document_invalid("lines", f"All texts together have at most {MAX_WEIGHT} characters.")
    totals = calculate(content)
    if max(abs(totals.lines_net), abs(totals.gross)) >= MAX_SUM or any(
        abs(line.net) >= MAX_SUM for line in totals.lines
    ):
        raise refusals.document_invalid("lines", "Every sum of a document stays below 100,000,000,000.")
    return totals


def _weight(text: str) -> int:
    return len(text) + _ROW * text.count("\n")


def _texts(content: Content) -> Iterator[str]:
    yield content.note or ""
    if content.payment_terms is not None:
        yield content.payment_terms.text or ""
    for line in content.lines:
        yield line.name
        yield line.description or ""
        yield line.note or ""
        yield from (each.reason or "" for each in line.adjustments)
