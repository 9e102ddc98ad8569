"""The shapes of numbers and series in logs: never edited, a new one gets a new schema number."""

from datetime import date

from services.invoices.codec import to_payload
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.events import NumberTaken, SeriesConfigured
from services.invoices.domain.series import DocumentNumber, Series


def test_the_shape_of_a_number() -> None:
    number = DocumentNumber("CN", 3, "CN-26-003", 2026)
    event = NumberTaken(number, "019aa0e5-2222-7000-8000-000000000001", DocumentType.CREDIT_NOTE, date(2026, 6, 2))
    assert to_payload(event) == {
        "series": "CN",
        "year": 2026,
        "sequence": 3,
        "number": "CN-26-003",
        "invoice_id": "019aa0e5-2222-7000-8000-000000000001",
        "document_type": "credit_note",
        "issue_date": "2026-06-02",
    }


def test_the_shape_of_a_series() -> None:
    series = Series("RE", "{series}-{year}-{number:05}", (DocumentType.INVOICE,), resets=True, first=4711)
    assert to_payload(SeriesConfigured(series)) == {
        "series": {
            "name": "RE",
            "pattern": "{series}-{year}-{number:05}",
            "serves": ["invoice"],
            "resets": True,
            "first": 4711,
        }
    }
