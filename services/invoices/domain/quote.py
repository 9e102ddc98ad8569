"""A quote: an offer with a number and a last day.

    open ------> accepted -> invoiced        deposits in between
    open <-----> expired                     by the day alone: nobody has to note it, so nobody can miss to
    open, expired -> declined

Until it is answered it can be changed (a new revision) or extended, which opens an expired one again. What the customer
answered stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from services.invoices.domain import refusals
from services.invoices.domain import refusals_of_quotes as refused
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.issued import Document, Offer
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.events import Event
from services.invoices.domain.events.quotes import (
    Offered,
    QuoteAccepted,
    QuoteChanged,
    QuoteDeclined,
    QuoteExtended,
    QuoteInvoiced,
    QuoteMade,
    QuoteNumberTaken,
)
from services.invoices.domain.invoice import require_content
from services.invoices.domain.series import DocumentNumber

_Offered = TypeVar("_Offered", bound=Offered)
_LONGEST = timedelta(days=3 * 365)
"""How far ahead an offer may end; more is a slip."""


class QuoteState(StrEnum):
    """How far a quote has come."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    INVOICED = "invoiced"
    """Its final invoice was drafted."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The fold of a quote's stream."""

    offered: Offered
    """The latest revision."""
    valid_until: date
    accepted: QuoteAccepted | None = None
    declined: QuoteDeclined | None = None
    invoiced: tuple[QuoteInvoiced, ...] = field(default=())
    """In the order of drafting."""

    @property
    def content(self) -> Content:
        """Return what is offered now."""
        return self.offered.content

    @property
    def answered(self) -> bool:
        """Tell whether the customer said yes or no."""
        return self.accepted is not None or self.declined is not None

    def state(self, day: date) -> QuoteState:
        """Return how far it is on a day."""
        if self.declined is not None:
            return QuoteState.DECLINED
        if any(each.deposit_percent is None for each in self.invoiced):
            return QuoteState.INVOICED
        if self.accepted is not None:
            return QuoteState.ACCEPTED
        return QuoteState.EXPIRED if day > self.valid_until else QuoteState.OPEN


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered, by whom, to whom, for how long."""

    content: Content
    valid_until: date
    seller: Seller
    customer: Customer
    offered_at: str
    """RFC 3339."""

    def said_by(self, kind: type[_Offered], quote_id: str, number: str, revision: int) -> _Offered:
        """Return the event that says so."""
        return kind(
            quote_id=quote_id,
            number=number,
            revision=revision,
            content=self.content,
            valid_until=self.valid_until,
            offered_at=self.offered_at,
            seller=self.seller,
            customer=self.customer,
            totals=calculate(self.content),
        )


def quote_after(quote: Quote | None, event: Event) -> Quote:
    """Return the quote after one more event of its stream; ValueError for one that cannot follow."""
    if isinstance(event, QuoteMade) and quote is None and event.revision == 1:
        return Quote(event, event.valid_until)
    if quote is not None:
        match event:
            case QuoteChanged() if not quote.answered and event.revision == quote.offered.revision + 1:
                return replace(quote, offered=event, valid_until=event.valid_until)
            case QuoteExtended(valid_until=until) if not quote.answered and until > quote.valid_until:
                return replace(quote, valid_until=until)
            case QuoteAccepted() if not quote.answered and event.accepted_on <= quote.valid_until:
                return replace(quote, accepted=event)
            case QuoteDeclined() if not quote.answered:
                return replace(quote, declined=event)
            case QuoteInvoiced() if quote.accepted is not None:
                return replace(quote, invoiced=(*quote.invoiced, event))
            case _:
                pass
    raise ValueError(f"{type(event).__name__} cannot follow in the history of this quote")


def fold_quote(events: Iterable[Event]) -> Quote | None:
    """Return the quote that these events describe; None when there are none."""
    quote: Quote | None = None
    for event in events:
        quote = quote_after(quote, event)
    return quote


def paper_of(offered: Offered) -> Document:
    """Return what a revision is drawn from."""
    return Document(
        number=offered.number,
        issued_at=offered.offered_at,
        content=offered.content,
        seller=offered.seller,
        customer=offered.customer,
        totals=offered.totals,
        offer=Offer(offered.revision, offered.valid_until),
    )


def require_offer(content: Content, valid_until: date, today: date) -> None:
    """Refuse what cannot be offered. Raises PublicError quote_date_invalid, and as `decide_draft`."""
    require_content(content, today)
    totals = calculate(content)
    if totals.lines_net < 0 or totals.gross <= 0:
        raise refusals.document_invalid("lines", "What is offered comes to more than nothing.")
    if valid_until < content.issue_date:
        raise refused.quote_date_invalid("valid_until", "An offer does not end before it begins.")
    _require_ahead(valid_until, today)


def decide_quote(quote_id: str, number: DocumentNumber, terms: Terms) -> tuple[QuoteMade, QuoteNumberTaken]:
    """Decide on offering what `require_offer` let through."""
    return terms.said_by(QuoteMade, quote_id, str(number), 1), QuoteNumberTaken(number, quote_id)


def decide_quote_change(quote: Quote, terms: Terms) -> QuoteChanged:
    """Decide on offering something else, which `require_offer` lets through.

    Raises PublicError quote_closed, document_invalid for another customer.
    """
    if quote.answered:
        raise refused.quote_closed()
    before = quote.offered
    if terms.content.customer_id != before.content.customer_id:
        # All of a stream is sealed with the key of one customer: forgetting them takes all of it, and nobody else's.
        raise refusals.document_invalid("customer_id", "A quote stays with its customer: make another one.")
    return terms.said_by(QuoteChanged, before.quote_id, before.number, before.revision + 1)


def decide_extension(quote: Quote, valid_until: date, today: date) -> QuoteExtended:
    """Decide on having it valid for longer; PublicError quote_closed, quote_date_invalid."""
    if quote.answered:
        raise refused.quote_closed()
    if valid_until <= quote.valid_until:
        raise refused.quote_date_invalid("valid_until", "That is no later than it is valid already.")
    _require_ahead(valid_until, today)
    return QuoteExtended(quote.offered.quote_id, valid_until)


def decide_acceptance(
    quote: Quote, accepted_by: str, accepted_on: date, order_reference: str | None, today: date
) -> QuoteAccepted:
    """Decide that the customer ordered; what counts is the day on which they did, not that of writing it down.

    Raises PublicError quote_closed, quote_expired, quote_date_invalid.
    """
    if quote.answered:
        raise refused.quote_closed()
    if accepted_on > today or accepted_on < quote.content.issue_date:
        raise refused.quote_date_invalid("accepted_on", "Nobody accepts before there is an offer, or in the future.")
    if accepted_on > quote.valid_until:
        raise refused.quote_expired(quote.valid_until)
    return QuoteAccepted(quote.offered.quote_id, accepted_on, accepted_by, order_reference)


def decide_decline(quote: Quote, reason: str) -> QuoteDeclined:
    """Decide that the customer does not want it, expired or not; PublicError quote_closed."""
    if quote.answered:
        raise refused.quote_closed()
    return QuoteDeclined(quote.offered.quote_id, reason)


def _require_ahead(valid_until: date, today: date) -> None:
    if valid_until < today:
        raise refused.quote_date_invalid("valid_until", "That is over already.")
    if valid_until > today + _LONGEST:
        raise refused.quote_date_invalid("valid_until", "That is years ahead.")
