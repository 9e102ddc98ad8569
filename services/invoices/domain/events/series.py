"""What can happen to a series of numbers."""

from dataclasses import dataclass

from services.invoices.domain.series import DocumentNumber


@dataclass(frozen=True, slots=True)
class NumberTaken:
    """The series' next number went to a document."""

    number: DocumentNumber
    invoice_id: str
