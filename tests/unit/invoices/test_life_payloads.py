"""The shapes of what happens to documents after they were drafted; never edited, as those in test_payloads.py."""

from services.invoices.codec import from_payload, to_payload
from services.invoices.domain.document.credit import credit_of
from services.invoices.domain.events import CustomerRedirected, DraftChanged, DraftDiscarded, InvoiceCredited
from tests.unit.invoices.samples import draft, issue


def test_the_shape_of_a_changed_draft_is_that_of_a_draft() -> None:
    event = draft()
    assert to_payload(DraftChanged(event.invoice_id, event.content)) == to_payload(event)
    assert to_payload(DraftDiscarded(event.invoice_id)) == {"invoice_id": event.invoice_id}


def test_the_shape_of_a_credit() -> None:
    credit = credit_of(issue(draft()).totals)
    whole: dict[str, object] = {
        "invoice_id": "i",
        "credit_note_id": "n",
        "number": "CN-000003",
        "credit": {"gross": "23.21", "parts": [{"category": "S", "rate": "19", "taxable_amount": "19.50"}]},
        "cancels": True,
    }
    assert to_payload(InvoiceCredited("i", "n", "CN-000003", credit, cancels=True)) == whole
    assert "cancels" not in to_payload(InvoiceCredited("i", "n", "CN-000003", credit))


def test_the_shape_of_a_redirect() -> None:
    event = CustomerRedirected("c", ("email", "delivery"))
    payload = {"customer_id": "c", "ways": ["email", "delivery"]}
    assert to_payload(event) == payload
    assert from_payload("CustomerRedirected", payload) == event
