"""Quotes, folded once more from the log: amounts computed anew, answers in their order, never after the last day.

A second opinion on what the invoices service lets happen: it shares no code with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cli.audit.amounts import totals
from cli.audit.following import Payload, remembered
from shared.eventstore.model import RecordedEvent

_OFFERED = frozenset({"QuoteMade", "QuoteChanged"})
_ABOUT_ONE = frozenset({"QuoteExtended", "QuoteAccepted", "QuoteDeclined", "QuoteInvoiced"})


@dataclass(slots=True)
class Quote:
    """What is kept of a quote."""

    customer_id: str
    revision: int
    valid_until: str
    answer: str | None = None


class Quotes:
    """Takes the events of an invoices log in order; yields what cannot have happened."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self.quotes: dict[str, Quote] = {}

    def fold(self, event: RecordedEvent) -> Iterator[str]:
        """Take the next event; raises as reading a payload does that has not the content that it should have."""
        if event.type in _OFFERED:
            yield from self._offer(event.type, event.payload)
        elif event.type in _ABOUT_ONE:
            quote = self.quotes.get(str(event.payload["quote_id"]))
            if quote is not None:
                yield from _go_on(quote, event.type, event.payload)
            elif self._whole:
                yield "there is no quote that it is about"
        elif event.type == "SubjectShredded":
            self.quotes = remembered(self.quotes, event.payload)

    def _offer(self, kind: str, payload: Payload) -> Iterator[str]:
        content = payload["content"]
        if totals(content) != payload["totals"]:
            yield "its totals are not those of its lines"
        before = self.quotes.get(payload["quote_id"])
        revision = 0 if before is None else before.revision
        if payload["revision"] != revision + 1 and (self._whole or before is not None):
            yield f"revision {payload['revision']} follows revision {revision}"
        if before is not None and (kind == "QuoteMade" or before.answer is not None):
            yield "it offers otherwise what was answered, or anew what was offered"
        if before is not None and before.customer_id != content["customer_id"]:
            yield "a quote stays with its customer"
        self.quotes[payload["quote_id"]] = Quote(content["customer_id"], payload["revision"], payload["valid_until"])


def _go_on(quote: Quote, kind: str, payload: Payload) -> Iterator[str]:
    if kind == "QuoteInvoiced":
        if quote.answer != "QuoteAccepted":
            yield "it invoices what was not accepted"
        return
    if quote.answer is not None:
        yield "it was answered before"
    if kind == "QuoteExtended":
        quote.valid_until = payload["valid_until"]
        return
    if kind == "QuoteAccepted" and payload["accepted_on"] > quote.valid_until:
        yield f"it was accepted on {payload['accepted_on']}, and valid until {quote.valid_until}"
    quote.answer = kind
