"""Invoices in a log at a moment: which one is meant, what it was, what happened to it."""

from collections.abc import Sequence
from typing import Any

from cli.audit import invoice
from cli.audit.moments import Moment, Until
from cli.audit.opening import OpenLog
from shared.eventstore.model import RecordedEvent, StoredEvent
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification
from shared.kernel.ids import is_uuid

_ISSUING = ("InvoiceIssued", "CreditNoteIssued")


class Unreadable(Exception):
    """The invoice's events are there, but do not say what they should; the message says which."""


class InvoiceHistory:
    """The events of one invoice, collected on a walk over its log, and where that log stood at given moments."""

    def __init__(self, invoice_id: str, moments: Sequence[Moment]) -> None:
        self._stream = stream_of(invoice_id)
        self._until = {moment: Until(moment) for moment in moments}
        self._last = dict.fromkeys(moments, -1)
        self._customers: dict[str, str] = {}
        self.events: list[RecordedEvent] = []

    def wanted(self, event: StoredEvent) -> bool:
        """Note where the log stands, and tell whether an event needs to be opened."""
        for moment, until in self._until.items():
            if until.holds(event.position, event.at):
                self._last[moment] = event.position
        return event.stream == self._stream or event.type == "CustomerRegistered"

    def take(self, page: Sequence[RecordedEvent]) -> None:
        """Keep what belongs to the invoice, and what customers are called."""
        for event in page:
            if event.stream == self._stream:
                self.events.append(event)
            elif not event.shredded:
                self._customers[str(event.payload.get("customer_id"))] = str(event.payload.get("name"))

    def upto(self, moment: Moment) -> list[RecordedEvent]:
        """Return the events that were there at a moment."""
        return [event for event in self.events if event.position <= self._last[moment]]

    def state(self, moment: Moment) -> invoice.State:
        """Return the invoice at a moment, with the fields of `get_invoice`; empty when it was not there yet.

        Raises Unreadable.
        """
        state: invoice.State = {}
        for event in self.upto(moment):
            if event.shredded:
                raise Unreadable("its key is gone: what this invoice said cannot be read any more")
            try:
                state = self._fold(state, event)
            except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
                raise Unreadable(f"the {event.type} at position {event.position} does not say what it should") from None
        return state

    def _fold(self, state: invoice.State, event: RecordedEvent) -> invoice.State:
        payload: Any = event.payload
        if event.type == "InvoiceDrafted":
            return invoice.drafted(payload, self._customers.get(payload["customer_id"]))
        if event.type in _ISSUING:
            return invoice.issued(state, payload, event.digest)
        return state


def read_history(log: OpenLog, trust: Trust, invoice_id: str, *moments: Moment) -> tuple[InvoiceHistory, Verification]:
    """Return an invoice's events, and what verification of the whole log found on the way."""
    history = InvoiceHistory(invoice_id, moments)
    verified = log.walk(trust, "Reading", wanted=history.wanted, on_page=history.take)
    return history, verified


def find_invoice(log: OpenLog, name: str) -> str | None:
    """Return the id of the invoice with this id or number, None when no invoice of the log has that number."""
    if is_uuid(name):
        return name
    found: list[str] = []

    def look(page: Sequence[RecordedEvent]) -> None:
        found.extend(event.stream.removeprefix("invoice-") for event in page if event.payload.get("number") == name)

    log.walk(Trust(), f"Looking for {name}", wanted=lambda event: event.type in _ISSUING, on_page=look)
    return found[0] if found else None


def stream_of(invoice_id: str) -> str:
    """Name the stream of an invoice or credit note."""
    return f"invoice-{invoice_id}"
