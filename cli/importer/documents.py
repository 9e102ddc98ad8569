"""From rows to documents: which rows become lines of an invoice or credit note, and why the others do not."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cli.importer.mapping import ColumnMapping
from cli.importer.prepared import Refused
from cli.importer.rows import Row
from shared.kernel.money import parse_decimal

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"


class RowRefused(Exception):
    """Why one row cannot become a line."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it will stand on the document: quantity and price are positive there, credit notes too."""

    row: int
    description: str
    item: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(slots=True)
class Document:
    """All rows of one invoice number."""

    number: str
    kind: str | None
    """`invoice`, `credit_note`, or None when the number is of neither form."""
    customer: str = ""
    country_code: str = ""
    issue_date: str = ""
    tax_point_date: str = ""
    """BT-7, where a column says so."""
    corrects: str = ""
    """The number of the document that it takes something back of, where a column says so."""
    first_values: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


class Documents:
    """The documents of a file, in the order in which they are complete, in memory that does not grow with their rows.

    Rows of one number need not stand together: real files interleave them. So the file is read twice: once for where
    each number has its last row, then again, and a document is let go with that row. What is held is one number for
    each document, and the documents that are open at the same place of the file. Nothing is written beside the file:
    what customers bought would lie there readable.
    """

    def __init__(
        self,
        rows: Callable[[], Iterable[Row]],
        mapping: ColumnMapping,
        limit: int | None = None,
        *,
        partial: bool = False,
    ) -> None:
        """Look through the rows, which are read anew each time; at most `limit` distinct numbers, with all rows.

        `partial`: a document goes without its refused rows; otherwise one refused row refuses it as a whole, so that
        it can be corrected: what is issued never changes.
        """
        self._rows, self._mapping, self._partial = rows, mapping, partial
        self._last: dict[str, int] = {}
        corrected: set[str] = set()
        for row in rows():
            number = self._number(row)
            if number in self._last or limit is None or len(self._last) < limit:
                self._last[number] = row.number
                corrected.add(row.values.get(mapping.columns.get("corrects", ""), ""))
        self.corrected = corrected & self._last.keys()
        """Numbers of documents that another one of them corrects."""

    def __len__(self) -> int:
        """How many there are."""
        return len(self._last)

    def __iter__(self) -> Iterator[Document]:
        """Read the rows again, and yield each document with its last one."""
        open_now: dict[str, Document] = {}
        for row in self._rows():
            number = self._number(row)
            if number not in self._last:
                continue
            if number not in open_now:
                open_now[number] = Document(number, _kind(number, self._mapping))
            _take(open_now[number], row, self._mapping)
            if row.number == self._last[number]:
                yield self._finished(open_now.pop(number))

    def _finished(self, document: Document) -> Document:
        if document.refused and not self._partial:
            document.refused += [
                Refused(line.row, document.number, "document_incomplete", "another row of this document was refused")
                for line in document.lines
            ]
            document.lines.clear()
        return document

    def _number(self, row: Row) -> str:
        return row.values.get(self._mapping.columns["invoice"], "")


def _kind(number: str, mapping: ColumnMapping) -> str | None:
    if mapping.invoice_number.fullmatch(number):
        return INVOICE
    if mapping.credit_note_number.fullmatch(number):
        return CREDIT_NOTE
    return None


def _take(document: Document, row: Row, mapping: ColumnMapping) -> None:
    try:
        line = _line(document, row, mapping)
        _head(document, row, mapping)
    except RowRefused as refusal:
        document.refused.append(Refused(row.number, document.number, refusal.code, refusal.reason))
    else:
        document.lines.append(line)


def _line(document: Document, row: Row, mapping: ColumnMapping) -> Line:
    if not row.complete:
        raise RowRefused("row_incomplete", "the row has not as many fields as the header")
    value = {name: row.values[column] for name, column in mapping.columns.items()}
    if not document.number:
        raise RowRefused("invoice_number_missing", "the row names no invoice")
    if document.kind is None:
        raise RowRefused("document_kind_unknown", "the number is neither an invoice's nor a credit note's")
    if not value["customer"]:
        raise RowRefused("customer_missing", "an invoice needs a customer to go to")
    if value["description"] in ("", "?"):
        raise RowRefused("description_missing", "the row does not say what was sold")
    quantity = _number(value["quantity"], "quantity")
    price = _number(value["unit_price"], "price")
    if document.kind == INVOICE and quantity <= 0:
        raise RowRefused("quantity_not_positive", "an invoice line sells more than nothing")
    if document.kind == CREDIT_NOTE and quantity >= 0:
        raise RowRefused("quantity_not_negative", "a cancellation takes back, its quantity is below zero")
    if price <= 0:
        raise RowRefused("price_not_positive", "the price is zero or below")
    return Line(row.number, value["description"], value.get("item", ""), abs(quantity), price)


def _head(document: Document, row: Row, mapping: ColumnMapping) -> None:
    """Take what is said of the whole document from its first good row; later rows must agree."""
    if document.lines:
        _require_same_head(document, row, mapping)
        return
    country = row.values[mapping.columns["country"]]
    if country not in mapping.countries:
        raise RowRefused("country_unknown", "the mapping has no ISO 3166-1 code for this country")
    document.issue_date = _date(row.values[mapping.columns["date"]], mapping.date_format)
    document.customer, document.country_code = row.values[mapping.columns["customer"]], mapping.countries[country]
    if (column := mapping.columns.get("corrects")) is not None:
        document.corrects = row.values[column]
    document.tax_point_date = _tax_point_date(row, mapping)
    document.first_values = dict(row.values)


def _require_same_head(document: Document, row: Row, mapping: ColumnMapping) -> None:
    first, said, columns = document.first_values, mapping.columns_of_document, mapping.columns
    for column in (column for column in said if row.values[column] != first[column]):
        if column == columns["customer"]:
            raise RowRefused("customer_differs", "another row of this document names another customer")
        # Of a moment only the day counts: a till may write down when each line was entered.
        if column == columns["date"]:
            if _date(row.values[column], mapping.date_format) != document.issue_date:
                raise RowRefused("date_differs", "another row of this document has another date")
        elif column != columns.get("tax_point_date") or _tax_point_date(row, mapping) != document.tax_point_date:
            raise RowRefused("particulars_differ", f"another row of this document says otherwise in column {column}")


def _tax_point_date(row: Row, mapping: ColumnMapping) -> str:
    """Return the day on which the VAT becomes due; an empty cell, and no column, say none."""
    text = row.values[mapping.columns["tax_point_date"]] if "tax_point_date" in mapping.columns else ""
    return _date(text, mapping.date_format, "tax point date") if text else ""


def _number(text: str, what: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError:
        raise RowRefused(f"{what}_not_a_number", f"the {what} is not a decimal number") from None


def _date(text: str, date_format: str, what: str = "date") -> str:
    try:
        # Only the calendar day counts on an invoice (BT-2), so the moment needs no zone.
        return datetime.strptime(text, date_format).date().isoformat()  # noqa: DTZ007
    except ValueError:
        raise RowRefused("date_invalid", f"the {what} is not of the form that the mapping says") from None
