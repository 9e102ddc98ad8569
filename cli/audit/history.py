"""Invoices in a log at a moment: which one is meant, what it was, what happened to it."""

from collections.abc import Sequence
from typing import Any

import click

from cli.audit import invoice
from cli.audit.bundle import Bundle
from cli.audit.live import LiveLog
from cli.audit.moments import Moment, Until
from cli.audit.opening import OpenLog
from cli.audit.reach import extent, is_whole
from shared.eventstore.model import RecordedEvent, StoredEvent
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification
from shared.kernel.ids import is_uuid

_ISSUING = ("InvoiceIssued", "CreditNoteIssued")
_NAMING = ("CustomerRegistered", "CustomerChanged")


class Unreadable(Exception):
    """The invoice's events are there, but do not say what they should; the message says which."""


class KeyGone(Unreadable):
    """The key of the invoice's events is not there; whether the log says that it was destroyed, verification tells."""


class NoSuchInvoice(click.BadParameter):
    """No invoice of this id or number can be read here; the message says what else may be the reason."""

    def __init__(self, copy: Bundle | LiveLog, name: str, gone: int = 0) -> None:
        """`gone`: how many issued documents are there whose keys, and with them their numbers, are not."""
        parts = [f"there is no invoice {name} in this log"]
        if not is_whole(copy):
            parts = [f"there is no invoice {name} in what is here: {extent(copy)}"]
        if gone:
            documents = "1 issued document" if gone == 1 else f"{gone} issued documents"
            parts.append(f"the numbers of {documents} cannot be read, their keys are gone: ask for those by their ids")
        super().__init__("; ".join(parts), param_hint="INVOICE")


class InvoiceHistory:
    """The events of one invoice, collected on a walk over its log, and where that log stood at given moments."""

    def __init__(self, invoice_id: str, moments: Sequence[Moment]) -> None:
        self._stream = stream_of(invoice_id)
        self.until = {moment: Until(moment) for moment in moments}
        """Where the log stood at each moment."""
        self._names: list[tuple[int, str, str]] = []
        """Positions at which a customer, by id, began to be called so."""
        self.events: list[RecordedEvent] = []

    def wanted(self, event: StoredEvent) -> bool:
        """Note where the log stands, and tell whether an event needs to be opened."""
        for until in self.until.values():
            until.holds(event.position, event.at)
        return event.stream == self._stream or event.type in _NAMING

    def take(self, page: Sequence[RecordedEvent]) -> None:
        """Keep what belongs to the invoice, and what customers are called."""
        for event in page:
            if event.stream == self._stream:
                self.events.append(event)
            elif not event.shredded:
                name = str(event.payload.get("customer_id")), str(event.payload.get("name"))
                self._names.append((event.position, *name))

    @property
    def missing(self) -> int:
        """How many of the invoice's events happened before the first one that is here."""
        return self.events[0].version - 1 if self.events else 0

    def upto(self, moment: Moment) -> list[RecordedEvent]:
        """Return the events that were there at a moment."""
        return [event for event in self.events if event.position <= self.until[moment].last]

    def state(self, moment: Moment) -> invoice.State:
        """Return the invoice at a moment, with the fields of `get_invoice`; empty when it was not there yet.

        Raises Unreadable.
        """
        state: invoice.State = {}
        for event in self.upto(moment):
            if event.shredded:
                raise KeyGone("its key is gone: what this invoice said cannot be read any more")
            try:
                state = self._fold(state, event)
            except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
                raise Unreadable(f"the {event.type} at position {event.position} does not say what it should") from None
        return state

    def _fold(self, state: invoice.State, event: RecordedEvent) -> invoice.State:
        return self._changed(state, event) | {"version": event.version}

    def _changed(self, state: invoice.State, event: RecordedEvent) -> invoice.State:
        payload: Any = event.payload
        if event.type == "InvoiceDrafted":
            return invoice.drafted(payload, self._name(payload["customer_id"], event.position))
        if event.type == "DocumentArchived":
            return invoice.archived(state, event.digest)
        change = invoice.CHANGES.get(event.type)
        state = state if change is None else change(state, payload)
        if event.type == "DraftChanged":
            name = self._name(payload["customer_id"], event.position)
            return state if name is None else state | {"customer_name": name}
        return state

    def _name(self, customer_id: str, position: int) -> str | None:
        """Return what a customer was called at a position; None for one of whom nothing is here."""
        held = [each for each in self._names if each[0] < position and each[1] == customer_id]
        return max(held)[2] if held else None


def read_history(log: OpenLog, trust: Trust, invoice_id: str, *moments: Moment) -> tuple[InvoiceHistory, Verification]:
    """Return an invoice's events, and what verification of the whole log found on the way."""
    history = InvoiceHistory(invoice_id, moments)
    verified = log.walk(trust, "Reading", wanted=history.wanted, on_page=history.take)
    return history, verified


def find_invoice(log: OpenLog, name: str) -> str:
    """Return the id of the invoice with this id or number; raises NoSuchInvoice, which says why it may be."""
    if is_uuid(name):
        return name
    found: list[str] = []
    gone = 0

    def look(page: Sequence[RecordedEvent]) -> None:
        nonlocal gone
        issued = [event for event in page if event.type in _ISSUING]
        gone += sum(event.shredded for event in issued)
        found.extend(event.stream.removeprefix("invoice-") for event in issued if event.payload.get("number") == name)

    log.walk(Trust(), f"Looking for {name}", wanted=lambda event: event.type in _ISSUING, on_page=look)
    if not found:
        raise NoSuchInvoice(log.copy, name, gone)
    return found[0]


def stream_of(invoice_id: str) -> str:
    """Name the stream of an invoice or credit note."""
    return f"invoice-{invoice_id}"
