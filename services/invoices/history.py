"""Aggregates from the log and their events into it: the names of this service's streams and subjects live here."""

from collections.abc import Mapping, Sequence

from services.invoices.codec import SCHEMAS, from_payload, to_payload
from services.invoices.domain.attachments import fold_attachments
from services.invoices.domain.bank_account import SellerState, fold_seller
from services.invoices.domain.customer import fold_customer
from services.invoices.domain.document.parties import Customer
from services.invoices.domain.events import AttachmentUploaded, Event
from services.invoices.domain.invoice import Invoice, fold
from services.invoices.domain.item import ItemState, fold_item
from services.invoices.domain.numbering import Numbering, fold_numbering
from services.invoices.domain.payment import Payment, fold_payment
from services.invoices.domain.plan import Plan, fold_plan
from services.invoices.domain.quote import Quote, fold_quote
from services.invoices.domain.reminding import Reminding, fold_reminding
from services.invoices.domain.series import numbering_stream, reminding_stream, seller_stream
from services.invoices.domain.shredding import Shredding, fold_shredding
from shared.eventstore.log import Streams
from shared.eventstore.model import Author, NewEvent, RecordedEvent


def customer_stream(customer_id: str) -> str:
    """Name the stream of a customer, who is also the data subject whose key seals it."""
    return f"customer-{customer_id}"


def customer_of(subject: str) -> str | None:
    """Return the id of the customer whom a subject is about; None for another kind of subject."""
    customer_id = subject.removeprefix("customer-")
    return None if customer_id == subject else customer_id


def redirects_stream(customer_id: str) -> str:
    """Name the stream that tells when a customer's documents began to go elsewhere; it is sealed under their key."""
    return f"redirects-{customer_id}"


def attachments_stream(customer_id: str) -> str:
    """Name the stream that tells of the files for documents to a customer; it is sealed under their key."""
    return f"attachments-{customer_id}"


def invoice_stream(invoice_id: str) -> str:
    """Name the stream of an invoice or credit note."""
    return f"invoice-{invoice_id}"


def item_stream(item_id: str) -> str:
    """Name the stream of an item."""
    return f"item-{item_id}"


def item_of(stream: str) -> str:
    """Return the id of the item whose stream it is."""
    return stream.removeprefix("item-")


def payment_stream(payment_id: str) -> str:
    """Name the stream of a payment."""
    return f"payment-{payment_id}"


def plan_stream(plan_id: str) -> str:
    """Name the stream of a recurring plan."""
    return f"plan-{plan_id}"


def plan_of(stream: str) -> str:
    """Return the id of the plan whose stream it is."""
    return stream.removeprefix("plan-")


def payment_of(stream: str) -> str:
    """Return the id of the payment whose stream it is."""
    return stream.removeprefix("payment-")


def quote_stream(quote_id: str) -> str:
    """Name the stream of a quote."""
    return f"quote-{quote_id}"


def quote_of(stream: str) -> str:
    """Return the id of the quote whose stream it is."""
    return stream.removeprefix("quote-")


def paper_stream(quote_id: str) -> str:
    """Name the stream that binds a quote's drawn revisions.

    One of its own: drawing comes later, and must not undo what somebody decides who read the quote before.
    """
    return f"paper-{quote_id}"


def receivable_stream(invoice_id: str) -> str:
    """Name the stream that tells what became of what an invoice is owed, or of what a credit note gives by itself."""
    return f"receivable-{invoice_id}"


def reminder_stream(reminder_id: str) -> str:
    """Name the stream of a reminder: what its letter says, and that it was drawn."""
    return f"reminder-{reminder_id}"


def reminder_of(stream: str) -> str:
    """Return the id of the reminder whose stream it is."""
    return stream.removeprefix("reminder-")


def shredding_stream(customer_id: str) -> str:
    """Name the stream that tells of forgetting a customer; it is sealed for the tenant and outlives the customer's."""
    return f"shredding-{customer_id}"


def shredded_customer(stream: str) -> str:
    """Return the id of the customer whose shredding a stream tells of."""
    return stream.removeprefix("shredding-")


def encode(stream: str, subject: str, event: Event, digest: str | None = None) -> NewEvent:
    """Return the event as the log takes it, to be sealed under the subject's key."""
    name = type(event).__name__
    return NewEvent(stream, name, SCHEMAS[name], to_payload(event), subject, digest)


def decode(recorded: RecordedEvent) -> Event:
    """Return the event of the domain."""
    return from_payload(recorded.type, recorded.payload)


def load_invoice(log: Streams, tenant: str, invoice_id: str) -> tuple[Invoice | None, int]:
    """Return the invoice and the version of its stream; None and 0 when there is none."""
    recorded = log.load(tenant, invoice_stream(invoice_id))
    return fold(decode(event) for event in recorded), len(recorded)


def load_payment(log: Streams, tenant: str, payment_id: str) -> tuple[Payment | None, int]:
    """Return the payment and the version of its stream; None and 0 when there is none."""
    recorded = log.load(tenant, payment_stream(payment_id))
    return fold_payment(decode(event) for event in recorded), len(recorded)


def load_plan(log: Streams, tenant: str, plan_id: str) -> tuple[Plan | None, int]:
    """Return the plan and the version of its stream; None and 0 when there is none."""
    recorded = log.load(tenant, plan_stream(plan_id))
    return fold_plan(decode(event) for event in recorded), len(recorded)


def load_item(log: Streams, tenant: str, item_id: str) -> tuple[ItemState | None, int]:
    """Return the item and the version of its stream; None and 0 when there is none."""
    recorded = log.load(tenant, item_stream(item_id))
    return fold_item(decode(event) for event in recorded), len(recorded)


def load_quote(log: Streams, tenant: str, quote_id: str) -> tuple[Quote | None, int]:
    """Return the quote and the version of its stream; None and 0 when there is none."""
    recorded = log.load(tenant, quote_stream(quote_id))
    return fold_quote(decode(event) for event in recorded), len(recorded)


def load_seller(log: Streams, tenant: str) -> tuple[SellerState, int]:
    """Return the seller, what waits to be changed about it, and the version of the stream that says so."""
    recorded = log.load(tenant, seller_stream(tenant))
    return fold_seller(decode(event) for event in recorded), len(recorded)


def load_numbering(log: Streams, tenant: str) -> tuple[Numbering, int]:
    """Return the business's series, and the version of the stream that says so."""
    recorded = log.load(tenant, numbering_stream(tenant))
    return fold_numbering(decode(event) for event in recorded), len(recorded)


def load_reminding(log: Streams, tenant: str) -> tuple[Reminding, int]:
    """Return how the business reminds, and the version of the stream that says so."""
    recorded = log.load(tenant, reminding_stream(tenant))
    return fold_reminding(decode(event) for event in recorded), len(recorded)


def load_customer(log: Streams, tenant: str, customer_id: str) -> tuple[Customer | None, str]:
    """Return the customer and the id of the person who registered them; None when unknown."""
    return customer_in(log.load(tenant, customer_stream(customer_id)))


def customer_in(recorded: Sequence[RecordedEvent]) -> tuple[Customer | None, str]:
    """Return what a customer's stream says, as `load_customer`."""
    registered_by = person_of(recorded[0].by) if recorded else ""
    return fold_customer(decode(event) for event in recorded), registered_by


def person_of(author: Author | None) -> str:
    """Return the id of the person who made an event happen; empty for a service and for nobody: no one's own."""
    return author.id if author is not None and author.kind == "person" else ""


def load_attachments(log: Streams, tenant: str, customer_id: str) -> tuple[Mapping[str, AttachmentUploaded], int]:
    """Return the files for documents to a customer, by digest, and the version of the stream that tells of them."""
    recorded = log.load(tenant, attachments_stream(customer_id))
    return fold_attachments(decode(event) for event in recorded), len(recorded)


def load_shredding(log: Streams, tenant: str, customer_id: str) -> tuple[Shredding, int]:
    """Return what was decided about forgetting a customer, and the version of the stream that says so."""
    recorded = log.load(tenant, shredding_stream(customer_id))
    return fold_shredding(decode(event) for event in recorded), len(recorded)
