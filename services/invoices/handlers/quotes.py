"""Quotes: made, changed, extended, and answered by the customer."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.invoices.commands.quotes import AcceptQuote, ChangeQuote, DeclineQuote, ExtendQuote, MakeQuote
from services.invoices.domain import refusals, refusals_of_quotes, refusals_of_sellers
from services.invoices.domain.changing import require_version
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.events.quotes import QuoteEvent
from services.invoices.domain.quote import (
    Quote,
    Terms,
    decide_acceptance,
    decide_decline,
    decide_extension,
    decide_quote,
    decide_quote_change,
    fold_quote,
    require_offer,
)
from services.invoices.domain.series import numbering_stream, series_stream
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.drafting import facts_of, require_attachable
from services.invoices.handlers.past import recorded_until
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    customer_stream,
    decode,
    encode,
    load_customer,
    load_numbering,
    load_quote,
    load_seller,
    quote_stream,
)
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.clock import to_rfc3339
from shared.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class _Parties:
    """Who offers to whom, as they are now."""

    seller: Seller
    customer: Customer
    registered_by: str


@deciding_again
def make_quote(ports: Ports, command: MakeQuote, *, tenant: str, command_id: CommandId, allow: Allow) -> RecordedEvent:
    """Offer something, under the next number of the series of quotes.

    Raises PublicError customer_unknown, key_shredded, seller_missing, quote_date_invalid, permission_denied, and as
    `decide_draft`.
    """
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    content = command.content
    remembered = still_remembered(ports, tenant, content.customer_id)
    parties = _parties(ports, tenant, content.customer_id)
    require_offer(content, command.valid_until, ports.clock.now().date())
    require_attachable(ports, tenant, content)
    allow(facts_of(content, parties.registered_by))
    numbering, configured = load_numbering(ports.log, tenant)
    series = series_stream(tenant, numbering.quote_counter(content.issue_date))
    quote_id = new_id()
    stream = quote_stream(quote_id)
    with ports.turns.of(series):
        taken = ports.log.version(tenant, series)
        number = numbering.quote_number(content.issue_date, taken)
        made, counted = decide_quote(quote_id, number, _terms(ports, command, parties))
        events = [
            encode(stream, customer_stream(content.customer_id), made),
            encode(series, TENANT_SUBJECT, counted),
        ]
        expected = {stream: 0, series: taken, numbering_stream(tenant): configured, **remembered}
        return ports.log.append(tenant, events, expected, command_id)[0]


def change_quote(
    ports: Ports, command: ChangeQuote, *, tenant: str, command_id: CommandId, allow: Allow
) -> RecordedEvent:
    """Offer something else; as in `drafts.change_draft` not decided again when somebody else is quicker.

    Raises PublicError quote_unknown, concurrent_change, quote_closed, and as `make_quote`.
    """

    def decide(quote: Quote) -> QuoteEvent:
        parties = _parties(ports, tenant, quote.content.customer_id)
        decision = decide_quote_change(quote, _terms(ports, command, parties))
        require_offer(command.content, command.valid_until, ports.clock.now().date())
        require_attachable(ports, tenant, command.content)
        allow(facts_of(command.content, parties.registered_by))
        return decision

    return _Step(ports, tenant, command_id, allow).take(command.quote_id, command.expected_version, decide)


@deciding_again
def extend_quote(
    ports: Ports, command: ExtendQuote, *, tenant: str, command_id: CommandId, allow: Allow
) -> RecordedEvent:
    """Have it valid for longer, also when it is over; PublicError as `change_quote`."""
    today = ports.clock.now().date()
    return _Step(ports, tenant, command_id, allow).take(
        command.quote_id, command.expected_version, lambda quote: decide_extension(quote, command.valid_until, today)
    )


@deciding_again
def accept_quote(
    ports: Ports, command: AcceptQuote, *, tenant: str, command_id: CommandId, allow: Allow
) -> RecordedEvent:
    """Write down that the customer ordered.

    Raises PublicError quote_unknown, concurrent_change, quote_closed, quote_expired, quote_date_invalid, key_shredded,
    permission_denied.
    """
    today = ports.clock.now().date()
    return _Step(ports, tenant, command_id, allow).take(
        command.quote_id,
        command.expected_version,
        lambda quote: decide_acceptance(
            quote, command.accepted_by, command.accepted_on or today, command.order_reference, today
        ),
    )


@deciding_again
def decline_quote(
    ports: Ports, command: DeclineQuote, *, tenant: str, command_id: CommandId, allow: Allow
) -> RecordedEvent:
    """Write down that the customer does not want it; PublicError as `extend_quote`, without those about days."""
    return _Step(ports, tenant, command_id, allow).take(
        command.quote_id, command.expected_version, lambda quote: decide_decline(quote, command.reason)
    )


def get_quote(ports: Ports, *, tenant: str, quote_id: str, allow: Allow, as_of: int | None = None) -> tuple[Quote, int]:
    """Return a quote and its version, as it is or as it was when the log ended with a position.

    Raises PublicError quote_unknown, position_unknown, key_shredded, permission_denied.
    """
    recorded = recorded_until(ports, tenant, quote_stream(quote_id), as_of)
    quote = fold_quote(map(decode, recorded))
    if quote is None:
        raise refusals_of_quotes.quote_unknown()
    customer_id = quote.content.customer_id
    still_remembered(ports, tenant, customer_id)
    _, registered_by = load_customer(ports.log, tenant, customer_id)
    allow(Facts(registered_by=registered_by))
    return quote, len(recorded)


@dataclass(frozen=True, slots=True)
class _Step:
    """One more event of a quote's stream."""

    ports: Ports
    tenant: str
    command_id: CommandId
    allow: Allow = field(repr=False)

    def take(self, quote_id: str, expected_version: int | None, decide: Callable[[Quote], QuoteEvent]) -> RecordedEvent:
        """Decide on it and append it, for somebody who may write what is offered now."""
        log, tenant = self.ports.log, self.tenant
        quote, version = load_quote(log, tenant, quote_id)
        # Asked after loading, as in issuing.issue_invoice.
        if earlier := log.replay_of(tenant, self.command_id):
            return earlier[0]
        if quote is None:
            raise refusals_of_quotes.quote_unknown()
        customer_id = quote.content.customer_id
        remembered = still_remembered(self.ports, tenant, customer_id)
        _, registered_by = load_customer(log, tenant, customer_id)
        self.allow(facts_of(quote.content, registered_by))
        require_version(version, expected_version)
        stream = quote_stream(quote_id)
        event = encode(stream, customer_stream(customer_id), decide(quote))
        return log.append(tenant, [event], {stream: version, **remembered}, self.command_id)[0]


def _parties(ports: Ports, tenant: str, customer_id: str) -> _Parties:
    """Return both; PublicError customer_unknown, seller_missing."""
    customer, registered_by = load_customer(ports.log, tenant, customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    seller = load_seller(ports.log, tenant)[0].seller
    if seller is None:
        raise refusals_of_sellers.seller_missing()
    return _Parties(seller, customer, registered_by)


def _terms(ports: Ports, command: MakeQuote | ChangeQuote, parties: _Parties) -> Terms:
    content: Content = command.content
    return Terms(content, command.valid_until, parties.seller, parties.customer, to_rfc3339(ports.clock.now()))
