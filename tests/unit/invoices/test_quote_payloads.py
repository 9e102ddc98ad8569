"""The shapes of what happens to quotes; never edited, as those in test_payloads.py."""

from datetime import date
from decimal import Decimal

from services.invoices.codec import from_payload, to_payload, written
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.events import Event
from services.invoices.domain.events.quotes import (
    QuoteAccepted,
    QuoteArchived,
    QuoteChanged,
    QuoteDeclined,
    QuoteExtended,
    QuoteInvoiced,
    QuoteMade,
    QuoteNumberTaken,
)
from services.invoices.domain.series import DocumentNumber
from tests.unit.invoices.contents import content
from tests.unit.invoices.samples import CUSTOMER, ISSUED_AT, SELLER

UNTIL = date(2026, 12, 22)


def shape(event: Event) -> dict[str, object]:
    """The payload, which is read as what was written."""
    payload = to_payload(event)
    assert from_payload(type(event).__name__, payload) == event
    return payload


def test_the_shape_of_an_offer() -> None:
    offered = content()
    said: dict[str, object] = {
        "quote_id": "q",
        "number": "QUO-000001",
        "revision": 2,
        "content": written(offered),
        "valid_until": "2026-12-22",
        "offered_at": ISSUED_AT,
        "seller": written(SELLER),
        "customer": written(CUSTOMER),
        "totals": written(calculate(offered)),
    }
    for kind in (QuoteMade, QuoteChanged):
        event = kind("q", "QUO-000001", 2, offered, UNTIL, ISSUED_AT, SELLER, CUSTOMER, calculate(offered))
        assert shape(event) == said


def test_the_shapes_of_what_becomes_of_an_offer() -> None:
    assert shape(QuoteExtended("q", UNTIL)) == {"quote_id": "q", "valid_until": "2026-12-22"}
    assert shape(QuoteAccepted("q", UNTIL, "Mme. Dupont", "PO-7")) == {
        "quote_id": "q",
        "accepted_on": "2026-12-22",
        "accepted_by": "Mme. Dupont",
        "order_reference": "PO-7",
    }
    assert shape(QuoteDeclined("q", "too dear")) == {"quote_id": "q", "reason": "too dear"}
    assert shape(QuoteInvoiced("q", "i", Decimal("12.50"))) == {
        "quote_id": "q",
        "invoice_id": "i",
        "deposit_percent": "12.5",
    }
    assert shape(QuoteInvoiced("q", "i")) == {"quote_id": "q", "invoice_id": "i"}
    assert shape(QuoteArchived("q", 1)) == {"quote_id": "q", "revision": 1}


def test_the_shape_of_a_quotes_number() -> None:
    number = DocumentNumber("QUO", 3, "AN-2026-0003", 2026)
    assert shape(QuoteNumberTaken(number, "q")) == {
        "series": "QUO",
        "sequence": 3,
        "number": "AN-2026-0003",
        "year": 2026,
        "quote_id": "q",
    }
