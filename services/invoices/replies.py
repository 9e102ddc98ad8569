"""Answers, each a pure function of recorded events: a retried command gets the first answer again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar

from services.invoices.codec import written
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.events import (
    CreditNoteIssued,
    CustomerChanged,
    CustomerRegistered,
    DraftChanged,
    DraftDiscarded,
    InvoiceDrafted,
    InvoiceIssued,
    Issued,
    ShreddingApproved,
    ShreddingRequested,
    SubjectShredded,
)
from services.invoices.domain.events.claims import ClaimRaised
from services.invoices.domain.events.payments import AllocationReturned
from services.invoices.domain.events.reminders import Reminded, ReminderWritten
from services.invoices.history import decode
from shared.contracts.errors import PublicError
from shared.eventstore.model import RecordedEvent

_T = TypeVar("_T")
_ISSUED = frozenset({CreditNoteIssued.__name__, InvoiceIssued.__name__})


@dataclass(frozen=True, slots=True)
class Registered:
    """A customer as they were just described."""

    customer_id: str
    position: int
    version: int
    """What `expected_version` is compared with."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A new draft and its sums."""

    invoice_id: str
    position: int
    totals: Mapping[str, Any]
    """As JSON values."""
    version: int = 1
    """Of the document: what `expected_version` is compared with."""


@dataclass(frozen=True, slots=True)
class Changed(Drafted):
    """A draft that says something else, and its sums."""


@dataclass(frozen=True, slots=True)
class Discarded:
    """A draft that was given up."""

    invoice_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """Two drafts: of the credit note, and of the invoice in the place of the one that it takes back."""

    credit_note: Drafted
    invoice: Drafted
    position: int
    """Of the second."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An issued document."""

    invoice_id: str
    number: str
    position: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document of an import."""

    state: Literal["issued", "acceptable", "refused"]
    numbered: Numbered | None = None
    refusal: PublicError | None = None
    mailed: bool = False
    """Whether it goes to its customer by mail, once; or went, or would."""

    @classmethod
    def of(cls, numbered: Numbered, *, mailed: bool) -> "Outcome":
        """Return that it is issued, now or before."""
        return cls("issued", numbered=numbered, mailed=mailed)

    @classmethod
    def acceptable(cls, *, mailed: bool) -> "Outcome":
        """Return that it would be issued: it was a dry run."""
        return cls("acceptable", mailed=mailed)

    @classmethod
    def refused(cls, refusal: PublicError) -> "Outcome":
        """Return that it is not issued, and why."""
        return cls("refused", refusal=refusal)

    def as_reply(self) -> dict[str, Any]:
        """Return the form that crosses the bus."""
        numbered = {} if self.numbered is None else asdict(self.numbered)
        refusal = self.refusal
        if refusal is None:
            return {"state": self.state, "mailed": self.mailed, **numbered}
        told = {"code": refusal.code.value, "message": refusal.message, "details": refusal.details}
        return {"state": self.state, "refusal": told}


@dataclass(frozen=True, slots=True)
class ShreddingAsked:
    """What became of asking that a customer be forgotten, or of agreeing to it."""

    request_id: str
    state: Literal["awaiting_approval", "shredded"]
    position: int


ShreddingState = Literal["none", "awaiting_approval", "expired", "rejected", "withdrawn", "shredded"]
"""How far forgetting a customer can have come."""


@dataclass(frozen=True, slots=True)
class ShreddingFound:
    """How far forgetting a customer has come."""

    state: ShreddingState
    request_id: str | None = None
    reason: str | None = None
    override: str | None = None
    requested_by: str | None = None
    waiting: Mapping[str, object] | None = None
    """What a second person is shown, and agrees to by its digest."""


def registered(recorded: RecordedEvent) -> Registered:
    """Answer `register_customer` and `change_customer`."""
    event = decode(recorded)
    if not isinstance(event, CustomerRegistered | CustomerChanged):
        raise TypeError(f"expected a customer, the log has {recorded.type}")
    return Registered(event.customer.customer_id, recorded.position, recorded.version)


def drafted(recorded: RecordedEvent) -> Drafted:
    """Answer `draft_invoice`."""
    event = _of(InvoiceDrafted, recorded)
    return Drafted(event.invoice_id, recorded.position, written(calculate(event.content)))


def changed(recorded: RecordedEvent) -> Changed:
    """Answer `change_draft`."""
    event = _of(DraftChanged, recorded)
    return Changed(event.invoice_id, recorded.position, written(calculate(event.content)), recorded.version)


def discarded(recorded: RecordedEvent) -> Discarded:
    """Answer `discard_draft`."""
    return Discarded(_of(DraftDiscarded, recorded).invoice_id, recorded.position)


def replaced(recorded: Sequence[RecordedEvent]) -> Replaced:
    """Answer `replace_invoice`."""
    note, invoice = recorded[:2]  # and, of a quote, what it was told
    return Replaced(drafted(note), drafted(invoice), invoice.position)


def issued(recorded: RecordedEvent) -> Numbered:
    """Answer `issue_invoice`: by two fields of the event, for which the document around them need not be read."""
    if recorded.type not in _ISSUED:
        raise TypeError(f"expected {' or '.join(sorted(_ISSUED))}, the log has {recorded.type}")
    return Numbered(str(recorded.payload["invoice_id"]), str(recorded.payload["number"]), recorded.position)


def numbered(event: Issued, position: int) -> Numbered:
    """Return which number a document got, and where the log has it."""
    return Numbered(event.invoice_id, str(event.number), position)


def shredding_asked(recorded: Sequence[RecordedEvent]) -> ShreddingAsked:
    """Answer `request_shredding` and `approve_shredding`."""
    first = decode(recorded[0])
    if not isinstance(first, ShreddingRequested | ShreddingApproved):
        raise TypeError(f"expected a request or an approval, the log has {recorded[0].type}")
    done = isinstance(decode(recorded[-1]), SubjectShredded)
    return ShreddingAsked(first.request_id, "shredded" if done else "awaiting_approval", recorded[-1].position)


def reminded(recorded: RecordedEvent) -> dict[str, Any]:
    """Answer `remind_invoice` and `remind_customer`, for one of the letters."""
    return reminder_shown(_of(ReminderWritten, recorded).reminder)


def reminder_shown(reminder: Reminded) -> dict[str, Any]:
    """Return a reminder as it is told; what it does not claim is told as nothing."""
    return {
        "reminder_id": reminder.reminder_id,
        "invoice_id": reminder.invoice_id,
        "level": reminder.level,
        "day": reminder.day.isoformat(),
        "pay_by": reminder.pay_by.isoformat(),
        "balance": reminder.balance,
        "fee": reminder.fee,
        "interest": reminder.interest,
        "compensation": reminder.compensation,
    }


def owed_again(recorded: Sequence[RecordedEvent]) -> dict[str, Any]:
    """Answer `reverse_payment`: what is owed again, and the claim that it left."""
    events = [decode(each) for each in recorded]
    returned = [each for each in events if isinstance(each, AllocationReturned)]
    claims = [each.claim_id for each in events if isinstance(each, ClaimRaised)]
    return {
        "owed_again": [{"invoice_id": each.invoice_id, "amount": each.amount} for each in returned],
        **({"refund_claim": claims[0]} if claims else {}),
    }


def _of(kind: type[_T], recorded: RecordedEvent) -> _T:
    event = decode(recorded)
    if not isinstance(event, kind):
        raise TypeError(f"expected {kind.__name__}, the log has {recorded.type}")
    return event
