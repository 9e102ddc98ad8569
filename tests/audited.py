"""A small business, and what an auditor gets of it: everything real but the bus."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cli.audit.bundle import Bundle
from cli.audit.export import begin, export
from cli.audit.moments import Moment
from shared.crypto.age import new_identity
from shared.crypto.key_store import KeyStore
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import CheckpointStore, InMemoryCheckpointStore
from shared.eventstore.log import TenantLog
from shared.eventstore.log_access import LogAccess
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import Author, CommandId, NewEvent, Payload, RecordedEvent
from shared.eventstore.registry import EventRegistry
from shared.eventstore.store import EventStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.merkle.checkpoint import origin_for
from shared.merkle.cosignature import CosignatureVerifier, cosign
from shared.merkle.note import NoteVerifier
from tests.keyrings import keyring_over

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
BY = Author("person", "019aa0e5-0000-7000-8000-0000000000aa", ("pwd", "otp"), "login-1", "laptop")
PDF = b"%PDF-1.7 the document"
WITNESS_KEY = SigningKey.generate()
WITNESS = CosignatureVerifier("witness.example", WITNESS_KEY.public)
SELLER: dict[str, object] = {"name": "Kerbholz", "vat_id": "DE123456788", "iban": "DE89370400440532013000"}
ADDRESS = {"line": "Weg 1", "city": "Hamburg", "post_code": "20457", "country_code": "DE"}
LINE = {"name": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}
AMOUNTS: dict[str, object] = {
    "lines_net": "19.50",
    "allowances": "0.00",
    "charges": "0.00",
    "net": "19.50",
    "vat": "3.71",
    "gross": "23.21",
    "prepaid": "0.00",
    "rounding": "0.00",
    "payable": "23.21",
    "breakdown": [{"category": "S", "rate": "19", "taxable_amount": "19.50", "tax_amount": "3.71"}],
    "lines": [{"net_price": "9.75", "adjustments": [], "net": "19.50", "agreed": "19.50"}],
    "adjustments": [],
}
_TYPES = (
    "CustomerRegistered",
    "SellerConfigured",
    "InvoiceDrafted",
    "InvoiceIssued",
    "CreditNoteIssued",
    "DraftChanged",
    "DraftDiscarded",
    "InvoiceCredited",
    "DocumentArchived",
    "XmlArchived",
    "NumberTaken",
    "SeriesConfigured",
    "SubjectShredded",
    "SomethingNew",
    *("PaymentRecorded", "PaymentAllocated", "AllocationReceived", "AllocationUndone", "AllocationReturned"),
    *("PaymentRefunded", "PaymentReversed", "InvoiceWrittenOff", "WriteOffReversed", "ClaimRaised", "ClaimWaived"),
    "CreditNoteRefunded",
    *("ReminderWritten", "Reminded", "RemindersHeld", "RemindersResumed"),
    *("QuoteMade", "QuoteChanged", "QuoteExtended", "QuoteAccepted", "QuoteDeclined", "QuoteInvoiced"),
)


class Business:
    """A tenant whose log is in memory unless the test says where; a minute passes before each event."""

    def __init__(
        self,
        store: EventStore | None = None,
        keys: KeyStore | None = None,
        checkpoints: CheckpointStore | None = None,
    ) -> None:
        self.tenant = new_id()
        self.clock = FixedClock(START)
        self.store: EventStore = store or InMemoryEventStore()
        self.keys: KeyStore = keys or InMemoryKeyStore()
        self.checkpoints: CheckpointStore = checkpoints or InMemoryCheckpointStore()
        self.keyring = keyring_over(self.keys, self.clock)
        self.keyring.create_tenant(self.tenant)
        self.log = TenantLog(self.store, self.keyring, EventRegistry(dict.fromkeys(_TYPES, 1)), self.clock)
        self.signing_key = SigningKey.generate()
        self.origin = origin_for("log.example", self.tenant)
        self.verifier = NoteVerifier(self.origin, self.signing_key.public)
        self.access = LogAccess(
            store=self.store,
            checkpoints=self.checkpoints,
            keyring=self.keyring,
            keys=self.keys,
            signing_key=self.signing_key,
            log_domain="log.example",
        )
        self._numbers = 0

    @property
    def size(self) -> int:
        """How many events there are."""
        return self.log.head(self.tenant).size

    def record(
        self, stream: str, kind: str, payload: Payload, subject: str = "tenant", digest: str | None = None
    ) -> RecordedEvent:
        """Append one event."""
        self.clock.moment += timedelta(minutes=1)
        event = NewEvent(stream, kind, 1, payload, subject, digest)
        expected = {stream: self.log.version(self.tenant, stream)}
        command = CommandId(new_id(), sha256(new_id().encode()).digest(), BY)
        return self.log.append(self.tenant, [event], expected, command)[0]

    def register(self, name: str = "Zoë", reference: str = "K-1") -> str:
        """Register a customer and return the id."""
        customer_id = new_id()
        customer = {"customer_id": customer_id, "name": name, "email": "z@x.example", "address": ADDRESS}
        subject = f"customer-{customer_id}"
        self.record(subject, "CustomerRegistered", customer | {"reference": reference}, subject)
        return customer_id

    def draft(self, customer_id: str, kind: str = "invoice") -> str:
        """Draft a document and return its id."""
        invoice_id = new_id()
        draft = {
            "invoice_id": invoice_id,
            "customer_id": customer_id,
            "document_type": kind,
            "issue_date": "2026-11-22",
            "currency": "EUR",
            "lines": [LINE],
        }
        self.record(f"invoice-{invoice_id}", "InvoiceDrafted", draft, f"customer-{customer_id}")
        return invoice_id

    def issue(self, invoice_id: str, customer_id: str, kind: str = "InvoiceIssued", **changes: object) -> str:
        """Issue a draft: the number, then what it says; return the number."""
        self._numbers += 1
        number = f"INV-{self._numbers:06d}"
        taken = {"series": "INV", "sequence": self._numbers, "number": number, "invoice_id": invoice_id}
        self.record("series-1", "NumberTaken", taken | {"document_type": "invoice", "issue_date": "2026-11-22"})
        issued: dict[str, object] = taken | {
            "issued_at": "2026-11-22T09:00:00.000000Z",
            "seller": SELLER,
            "customer": {"customer_id": customer_id, "name": "Zoë", "reference": "K-1"},
            "currency": "EUR",
            "totals": AMOUNTS,
        }
        self.record(f"invoice-{invoice_id}", kind, issued | changes, f"customer-{customer_id}")
        return number

    def archive(self, invoice_id: str, customer_id: str) -> None:
        """Archive the document of what was issued."""
        stream, subject = f"invoice-{invoice_id}", f"customer-{customer_id}"
        self.record(stream, "DocumentArchived", {"invoice_id": invoice_id}, subject, sha256(PDF).hexdigest())

    def trade(self, documents: int = 2) -> tuple[str, list[str]]:
        """Register a customer and issue documents to it: 1 + 3 events each; return customer and invoices."""
        customer_id = self.register()
        invoices = [self.draft(customer_id) for _ in range(documents)]
        for invoice_id in invoices:
            self.issue(invoice_id, customer_id)
        return customer_id, invoices

    def shred(self, customer_id: str) -> None:
        """Forget a customer, event first."""
        subject = f"customer-{customer_id}"
        keys = [key.key_id for key in self.keys.deks(self.tenant) if key.subject == subject]
        approvals = [{"user_id": BY.id, "factors": list(BY.factors)}]
        content = {"subject": subject, "reason": "request", "approvals": approvals, "keys": keys}
        self.record("shredding-1", "SubjectShredded", content)
        self.keyring.shred(self.tenant, subject)

    def query(self, method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        """Answer as the service's log endpoints do."""
        return answer(self.access, self.tenant, method, request)

    def note(self) -> str:
        """Return the present checkpoint, cosigned by the witness."""
        note = str(self.access.checkpoint(self.tenant)["note"])
        text = note.rpartition("\n\n")[0] + "\n"
        return note + cosign(text, WITNESS.name, WITNESS_KEY, 1_795_000_000).line

    def bundle(self, folder: Path, first: Moment | None = None, last: Moment | None = None) -> "Copy":
        """Export a bundle to a new auditor."""
        identity, recipient = new_identity()
        log = begin(self.query, folder, self.note(), first, last)
        return Copy(export(log, recipient, folder, lambda _: None), identity, recipient)


def answer(access: LogAccess, tenant: str, method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
    """Answer a query about a tenant's log as a service's log endpoints do."""
    asked: dict[str, Any] = dict(request)
    if method == "tile":
        return {"hashes_base64": base64.b64encode(access.tile(tenant, **asked)).decode()}
    if method == "export_keys":
        events = (asked["first"], asked["last"]) if "first" in asked else None
        return access.export_keys(tenant, asked["recipient"], events)
    if method == "export_keys_of":
        each_apart = {at: access.export_keys(tenant, asked["recipient"], (at, at)) for at in asked["positions"]}
        return {"keys": [{"position": at, **keys} for at, keys in each_apart.items()]}
    if method == "prove":
        return {"proof": access.prove(tenant, **asked)}
    answered: Mapping[str, Any] = getattr(access, method)(tenant, **asked)
    return answered


class Copy:
    """A bundle and the identity that opens it."""

    def __init__(self, bundle: Bundle, identity: str, recipient: str) -> None:
        self.bundle, self.identity, self.recipient = bundle, identity, recipient

    @property
    def keys(self) -> Mapping[str, bytes]:
        """The DEKs."""
        return self.bundle.keys(self.identity)
