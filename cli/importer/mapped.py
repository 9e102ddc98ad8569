"""Documents that are made of rows, by a mapping."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from cli.importer.documents import Document, Documents
from cli.importer.linked import named_first
from cli.importer.mapping import ColumnMapping
from cli.importer.prepared import Prepared
from cli.importer.rows import Row


class MappedDocuments:
    """The documents of a file of rows, as they are sent."""

    def __init__(
        self,
        rows: Callable[[], Iterable[Row]],
        mapping: ColumnMapping,
        limit: int | None = None,
        *,
        partial: bool = False,
    ) -> None:
        """As `Documents`."""
        self._documents, self._mapping = Documents(rows, mapping, limit, partial=partial), mapping

    def __len__(self) -> int:
        """How many there are."""
        return len(self._documents)

    def __iter__(self) -> Iterator[Prepared]:
        """Read the rows again, and yield each document with its last one, and behind the one that it corrects."""
        return named_first(
            (prepared(document, self._mapping) for document in self._documents), self._documents.corrected
        )


def prepared(document: Document, mapping: ColumnMapping) -> Prepared:
    """Return a document as it is sent."""
    if not document.lines:
        return Prepared(document.number, refused=document.refused)
    return Prepared(
        document.number,
        document.customer,
        _particulars(document, mapping),
        _content(document, mapping),
        [line.row for line in document.lines],
        document.refused,
    )


def _particulars(document: Document, mapping: ColumnMapping) -> Mapping[str, object]:
    template, values = mapping.customer, document.first_values
    return {
        "name": template.name.substitute(values),
        "email": template.email.substitute(values),
        "reference": document.customer,
        "address": {
            "line": template.line.substitute(values),
            "city": template.city.substitute(values),
            "post_code": template.post_code.substitute(values),
            "country_code": document.country_code,
        },
    }


def _content(document: Document, mapping: ColumnMapping) -> Mapping[str, object]:
    vat = mapping.vat_for(document.country_code)
    return {
        "document_type": document.kind,
        "issue_date": document.issue_date,
        "currency": mapping.currency,
        **({"tax_point_date": document.tax_point_date} if document.tax_point_date else {}),
        "external_reference": document.number,
        **({"preceding": [{"key": document.corrects}]} if document.corrects else {}),
        "lines": [
            {
                "name": line.description,
                "quantity": str(line.quantity),
                "unit_price": str(line.unit_price),
                "vat_category": vat.category,
                "vat_rate": vat.rate,
                **({"item_reference": line.item} if line.item else {}),
            }
            for line in document.lines
        ],
    }
