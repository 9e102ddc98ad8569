"""What can happen to series of numbers."""

from dataclasses import dataclass
from datetime import date

from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.series import DocumentNumber, Series


@dataclass(frozen=True, slots=True)
class SeriesConfigured:
    """The business said how it numbers, from the next number on."""

    series: Series


@dataclass(frozen=True, slots=True)
class NumberTaken:
    """The counter's next number went to a document.

    What became of a number is told here as far as it is about nobody: it stays readable when the customer is forgotten.
    """

    number: DocumentNumber
    invoice_id: str
    document_type: DocumentType
    issue_date: date
    """BT-2."""
