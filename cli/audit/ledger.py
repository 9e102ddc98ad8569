"""The business as the log tells it: customers, invoices, numbers, totals, folded from nothing but opened events.

It is a second opinion on what the invoices service says: it shares no code with it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cli.audit import invoice
from cli.audit.folded import AMOUNTS, Folded, digest, folded
from cli.audit.following import remembered
from cli.audit.owed import Owed
from cli.audit.quotes import Quotes
from cli.audit.receivables import Receivables
from cli.audit.reminders import Reminders
from cli.audit.unarchived import Unarchived
from shared.eventstore.faults import FaultKind, Faults
from shared.eventstore.model import RecordedEvent

_Counter = tuple[str, int | None]
"""A series, and the fiscal year where each has numbers of its own."""
_SIGN = {"InvoiceIssued": 1, "CreditNoteIssued": -1}


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as last described."""

    name: str
    reference: str


@dataclass(slots=True)
class Sums:
    """What was issued to one customer in one currency; credit notes count negative."""

    invoices: int = 0
    credit_notes: int = 0
    net_total: Decimal = Decimal("0.00")
    vat_total: Decimal = Decimal("0.00")
    payable: Decimal = Decimal("0.00")


class Ledger:
    """Takes the events of an invoices log in order."""

    def __init__(self, found: Faults | None = None, *, whole: bool = True, remember: bool = False) -> None:
        """`whole`: the log is read from position 0, so that nothing may be missing before an event.

        `remember`: issued documents are kept, to be compared with something; else only drafts are, so that a long log
        needs little memory.
        """
        self._found = Faults() if found is None else found
        self._whole, self._remember = whole, remember
        self._numbers: dict[_Counter, int] = {}
        """The last number of each."""
        self._firsts: dict[_Counter, int] = {}
        self.receivables, self.quotes, self.unarchived = Receivables(whole=whole), Quotes(whole=whole), Unarchived()
        self._reminders = Reminders(self.receivables, whole=whole)
        self.customers: dict[str, Customer] = {}
        self.invoices: dict[str, Folded] = {}
        self.issued = Counter[str](dict.fromkeys(_SIGN, 0))
        """How many documents of each type were issued."""
        self.totals: dict[str, dict[str, Sums]] = defaultdict(lambda: defaultdict(Sums))
        """By customer and currency."""
        self._folds: Mapping[str, Callable[[RecordedEvent], None]] = {
            "CustomerRegistered": self._register,
            "CustomerChanged": self._register,
            "InvoiceDrafted": self._draft,
            "DraftChanged": self._change,
            "DraftDiscarded": self._discard,
            "InvoiceIssued": self._issue,
            "CreditNoteIssued": self._issue,
            "InvoiceCredited": self._credit,
            "CreditNoteRefunded": self._refund,
            "DocumentArchived": self._archive,
            "NumberTaken": self._take_number,
            "QuoteNumberTaken": self._take_number,
            "SeriesConfigured": self._configure_series,
            "SubjectShredded": self._forget,
        }

    @property
    def net_by_customer(self) -> dict[str, Decimal]:
        """Net totals over all currencies by the reference under which a customer was registered."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for customer_id, by_currency in self.totals.items():
            customer = self.customers.get(customer_id)
            for total in by_currency.values():
                sums[customer.reference if customer else customer_id] += total.net_total
        return dict(sums)

    @property
    def sum_net(self) -> Decimal:
        """Sum of invoice totals without VAT (BT-109) of what was issued, credit notes negative."""
        return sum((total.net_total for sums in self.totals.values() for total in sums.values()), Decimal("0.00"))

    def add(self, event: RecordedEvent) -> None:
        """Take the next event; one that cannot have happened is a fault."""
        if event.shredded:
            return
        try:
            if fold := self._folds.get(event.type):
                fold(event)
            self.unarchived.fold(event)
            for follower in (self.receivables, self._reminders, self.quotes):
                for reason in follower.fold(event):
                    self._refuse(event, reason)
        except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation):
            self._refuse(event, f"this {event.type} has not the content that it should have")

    def add_all(self, events: Iterable[RecordedEvent]) -> None:
        """Take the next events."""
        for event in events:
            self.add(event)

    def end(self) -> None:
        """Say, after the last event, what only one of two streams told."""
        for reason in (*self.receivables.differing(), *self._reminders.differing()):
            self._found.add(FaultKind.FOLD_REFUSED, None, reason)

    def _register(self, event: RecordedEvent) -> None:
        payload: Any = event.payload
        customer_id = payload["customer_id"]
        self.customers[customer_id] = Customer(payload["name"], payload.get("reference") or customer_id)

    def _draft(self, event: RecordedEvent) -> None:
        payload: Any = event.payload
        customer = self.customers.get(payload["customer_id"])
        state = invoice.drafted(payload, customer.name if customer else None)
        if customer is None and self._whole:
            self._refuse(event, "its customer was never registered")
        self.invoices[payload["invoice_id"]] = folded(state, event.position, event.version)

    def _change(self, event: RecordedEvent) -> None:
        payload: Any = event.payload
        draft = self._draft_of(event)
        if draft is None:
            return
        if draft.customer_id != payload["customer_id"]:
            self._refuse(event, "a draft stays with its customer")
        customer = self.customers.get(payload["customer_id"])
        state = invoice.drafted(payload, customer.name if customer else None)
        self.invoices[payload["invoice_id"]] = folded(state, draft.position, event.version)

    def _discard(self, event: RecordedEvent) -> None:
        draft = self._draft_of(event)
        if draft is None:
            return
        draft.issuing |= {"state": "discarded", "version": event.version}
        if not self._remember:
            del self.invoices[str(event.payload["invoice_id"])]

    def _draft_of(self, event: RecordedEvent) -> Folded | None:
        """Return the draft that an event is about; a fault if it is none, None if it is not here."""
        draft = self.invoices.get(str(event.payload["invoice_id"]))
        if (draft is None and self._whole) or (draft is not None and draft.issuing["state"] != "draft"):
            self._refuse(event, "what it changes is no draft")
        return draft

    def _credit(self, event: RecordedEvent) -> None:
        """Compare a credit with the invoice and the credit note, where issued documents are remembered."""
        payload: Any = event.payload
        credited, note = (self.invoices.get(payload[name]) for name in ("invoice_id", "credit_note_id"))
        if credited is None:  # issued before what is read here, or not remembered
            return
        credit = Owed.of(payload["credit"]["gross"], payload["credit"]["parts"])
        if credited.issuing["state"] not in {"issued", "partly_credited"}:
            self._refuse(event, "what it credits is not issued, or nothing is left of it")
        if note is not None and (note.issuing.get("number") != payload["number"] or note.owed != credit):
            self._refuse(event, "what it takes back is not what the credit note says")
        if not credited.owed.take(credit):
            self._refuse(event, "more is credited than was invoiced")
        if credited.owed.all_credited is not payload.get("cancels", False):
            self._refuse(event, "it says otherwise than the amounts whether all is credited")
        credited.issuing |= invoice.credited(credited.issuing, payload) | {"version": event.version}

    def _issue(self, event: RecordedEvent) -> None:
        payload: Any = event.payload
        self.issued[event.type] += 1
        draft = self.invoices.get(payload["invoice_id"])
        claimed = {name: payload["totals"][short] for name, short in AMOUNTS.items()}
        if draft is None and self._whole:
            self._refuse(event, "what it issues is no draft")
        if draft is not None:
            self._close(event, draft)
        self._count(event, payload["customer"]["customer_id"], payload["currency"], claimed)

    def _close(self, event: RecordedEvent, draft: Folded) -> None:
        payload: Any = event.payload
        if draft.issuing["state"] != "draft":
            self._refuse(event, "it was issued or discarded before")
        if draft.all_totals != digest(payload["totals"]):
            self._refuse(event, "its totals are not those of its lines")
        draft.issuing |= invoice.issued({}, payload) | {"version": event.version}
        if not self._remember:
            del self.invoices[payload["invoice_id"]]

    def _archive(self, event: RecordedEvent) -> None:
        payload: Any = event.payload
        if event.digest is None:
            self._refuse(event, "it binds no document")
        document = self.invoices.get(payload["invoice_id"])
        if document is None:  # issued before what is read here, or not remembered
            return
        if "number" not in document.issuing or document.issuing["digest"] is not None:
            self._refuse(event, "what it archives is not issued, or archived before")
        document.issuing |= invoice.archived({}, event.digest) | {"version": event.version}

    def _refund(self, event: RecordedEvent) -> None:
        payload: Any = event.payload
        note = self.invoices.get(payload["invoice_id"])
        if note is not None:  # else issued before what is read here, or not remembered
            refund = {"amount": payload["amount"], "day": payload["value_date"], "position": event.position}
            note.issuing["refunds"] = [*note.issuing.get("refunds", ()), refund]

    def _count(self, event: RecordedEvent, customer_id: str, currency: str, claimed: dict[str, str]) -> None:
        sums, sign = self.totals[customer_id][currency], _SIGN[event.type]
        if sign > 0:
            sums.invoices += 1
        else:
            sums.credit_notes += 1
        for name, amount in claimed.items():
            setattr(sums, name, getattr(sums, name) + sign * Decimal(amount))

    def _take_number(self, event: RecordedEvent) -> None:
        payload: Any = event.payload
        counter, sequence = (payload["series"], payload.get("year")), payload["sequence"]
        if str(sequence) not in payload["number"]:
            self._refuse(event, "what it writes is not the number that it counts")
        known = counter in self._numbers
        before = self._numbers[counter] if known else self._firsts.get(counter, 1) - 1
        if sequence != before + 1 and (self._whole or known):
            year = "" if counter[1] is None else f" of {counter[1]}"
            self._refuse(event, f"number {sequence}{year} of series {counter[0]} follows number {before}")
        self._numbers[counter] = sequence

    def _configure_series(self, event: RecordedEvent) -> None:
        payload: Any = event.payload["series"]
        if "first" in payload:
            counter = (payload["name"], payload.get("first_year"))
            if counter in self._numbers and payload["first"] != self._firsts.get(counter, 1):
                self._refuse(event, "it changes the first number of numbers that were given")
            self._firsts[counter] = payload["first"]

    def _forget(self, event: RecordedEvent) -> None:
        """Drop what the destroyed key protected, as the read models do."""
        customer_id = str(event.payload["subject"]).removeprefix("customer-")
        self.customers.pop(customer_id, None)
        self.totals.pop(customer_id, None)
        self.invoices = remembered(self.invoices, event.payload)

    def _refuse(self, event: RecordedEvent, reason: str) -> None:
        self._found.add(FaultKind.FOLD_REFUSED, event.position, reason)
