"""One batch of an import while it is decided: what is known, what will be appended."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from services.invoices.commands.importing import ImportDocuments, ImportedDocument
from services.invoices.domain import refusals
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Customer, DeliveryPreference, Seller
from services.invoices.domain.events import CustomerRegistered, Event, Issued
from services.invoices.domain.invoice import decide_complete, decide_issue
from services.invoices.domain.series import Counter, numbering_stream, series_stream
from services.invoices.handlers.archiving import archived_in
from services.invoices.handlers.customers import described
from services.invoices.handlers.drafting import given_in, require_attachable, require_foreign
from services.invoices.handlers.imported import ImportedNames
from services.invoices.handlers.imported_links import Links
from services.invoices.handlers.remembering import still_remembered
from services.invoices.handlers.retrying import allow_document, of_another
from services.invoices.history import (
    customer_in,
    customer_stream,
    decode,
    encode,
    invoice_stream,
    load_numbering,
    person_of,
    shredding_stream,
)
from services.invoices.ports import Ports
from services.invoices.replies import Outcome, numbered
from shared.contracts.decision import Allow, Facts
from shared.contracts.errors import PublicError
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded
from shared.eventstore.model import CommandId, NewEvent, RecordedEvent
from shared.kernel.clock import to_rfc3339


@dataclass(frozen=True, slots=True)
class _Known:
    """A customer of the batch."""

    customer: Customer
    registered_by: str
    new: bool
    remembered: Mapping[str, int]


class Batch:
    """Decides documents one after another, each on what those before it leave behind."""

    def __init__(
        self,
        ports: Ports,
        names: ImportedNames,
        *,
        asked: ImportDocuments,
        seller: Seller,
        command_id: CommandId,
        allow: Allow,
    ) -> None:
        self._ports, self._names, self._tenant = ports, names, names.tenant
        self._asked, self._seller, self._command, self._allow = asked, seller, command_id, allow
        self._now = ports.clock.now()
        self._there: dict[str, int] = {}
        self._seen: Mapping[str, list[RecordedEvent]] = {}
        """The streams of customers who are there."""
        self._customers: dict[str, _Known] = {}
        self._decided: dict[str, tuple[Content, int]] = {}
        """By invoice id: a key may come twice in one batch too."""
        self._events: list[NewEvent] = []
        self._issued: dict[int, Issued] = {}
        """By their place among the events."""
        self._links = Links(names, self._load)
        self._numbering, configured = load_numbering(ports.log, self._tenant)
        self._expected: dict[str, int] = {numbering_stream(self._tenant): configured}
        self._numbers: dict[str, int] = {}
        """By stream of the series, how many are taken."""
        self._written: dict[tuple[str, int], str] = {}
        """The numbers of this batch, by stream and place."""

    def look_up(self, documents: Iterable[ImportedDocument]) -> None:
        """Learn in one look which of the batch's streams exist, and in another one who its customers are.

        A round trip for each customer would be most of what a later batch costs, when nearly all of them are there.
        """
        customers, others = set(), set()
        for document in documents:
            customers.add(self._names.customer(document.customer))
            others |= {invoice_stream(self._names.document(document.key)), *self._links.streams(document)}
        named = {stream for each in customers for stream in (customer_stream(each), shredding_stream(each))}
        self._there = dict(self._ports.log.versions(self._tenant, named | others))
        known = [customer_stream(each) for each in customers if shredding_stream(each) not in self._there]
        # Somebody whose key goes at this very moment: each is read in its own turn then, and others are not held up.
        with suppress(KeyShredded):
            self._seen = self._ports.log.look(self._tenant, [each for each in known if each in self._there]).streams

    def take(self, document: ImportedDocument) -> Outcome | int:
        """Decide on a document; return its outcome, or where in the batch the event is that issues it.

        Raises PublicError, KeyShredded; then nothing of the document is in the batch.
        """
        invoice_id = self._names.document(document.key)
        customer_id = self._names.customer(document.customer)
        content = replace(document.content, customer_id=customer_id, preceding=self._links.named(document))
        if invoice_id in self._decided:
            earlier, place = self._decided[invoice_id]
            _require_same(earlier, content)
            return place
        known = self._customer(document.customer, customer_id)
        return self._earlier(invoice_id, content) or self._issue(invoice_id, content, known)

    def finish(self, taken: Sequence[Outcome | int]) -> list[Outcome]:
        """Append everything at once, unless it is a dry run; return the outcomes. Raises VersionConflict."""
        if self._asked.dry_run:
            return [
                Outcome.acceptable(mailed=_is_mailed(self._issued[each])) if isinstance(each, int) else each
                for each in taken
            ]
        if not self._events:
            return [each for each in taken if isinstance(each, Outcome)]
        self._ports.keyring.prepare(self._tenant, (event.subject for event in self._events))
        recorded = self._ports.log.append(self._tenant, self._events, self._expected, by=self._command.by)
        return [
            _outcome(self._issued[each], recorded[each].position) if isinstance(each, int) else each for each in taken
        ]

    def _earlier(self, invoice_id: str, content: Content) -> Outcome | None:
        """Return the outcome of a document that is there; None when it is not."""
        recorded = self._load(invoice_stream(invoice_id))
        found = archived_in(recorded)
        if found is None:
            return None
        _require_same(found.draft.content, content)
        if of_another(recorded, self._command):
            allow_document(self._ports, self._tenant, found.draft, self._allow)
        return _outcome(found.issued, found.issued_at)

    def _issue(self, invoice_id: str, content: Content, known: _Known) -> int:
        require_attachable(self._ports, self._tenant, content)
        require_foreign(content, self._numbering, self._given)
        invoice = decide_complete(invoice_id=invoice_id, content=content, today=self._now.date())
        self._allow(Facts(registered_by=known.registered_by, amount=invoice.totals.payable, currency=content.currency))
        series = series_stream(self._tenant, self._numbering.counter_for(content))
        taken = self._taken(series)
        decision, number = decide_issue(
            invoice,
            seller=self._seller,
            customer=known.customer,
            number=self._numbering.number_of(content, taken),
            issued_at=to_rfc3339(self._now),
            mailed=self._asked.mail,
        )
        credited = self._links.credited(content, decision)
        # Nothing is refused from here on.
        self._register(known)
        subject, stream = customer_stream(content.customer_id), invoice_stream(invoice_id)
        self._expected |= {stream: 0, **known.remembered}
        self._add(stream, subject, invoice.draft)
        place = self._add(stream, subject, decision)
        self._expected.setdefault(series, taken)
        self._add(series, TENANT_SUBJECT, number)
        self._links.issue(invoice, decision)
        if credited is not None:
            self._add(invoice_stream(credited.invoice_id), subject, credited)
            self._expected |= self._links.credit(credited)
        self._numbers[series] = taken + 1
        self._written[series, taken + 1] = str(number.number)
        self._decided[invoice_id], self._issued[place] = (content, place), decision
        return place

    def _add(self, stream: str, subject: str, event: Event) -> int:
        self._events.append(encode(stream, subject, event))
        return len(self._events) - 1

    def _taken(self, series: str) -> int:
        if series not in self._numbers:
            self._numbers[series] = self._ports.log.version(self._tenant, series)
        return self._numbers[series]

    def _given(self, counter: Counter, place: int) -> str | None:
        written = self._written.get((series_stream(self._tenant, counter), place))
        return written or given_in(self._ports, self._tenant)(counter, place)

    def _register(self, known: _Known) -> None:
        stream = customer_stream(known.customer.customer_id)
        if known.new and stream not in self._expected:
            self._expected[stream] = 0
            self._add(stream, stream, CustomerRegistered(known.customer))

    def _customer(self, key: str, customer_id: str) -> _Known:
        if customer_id not in self._customers:
            particulars = self._asked.customers.get(key) or refusals.customer_not_in_batch()
            if isinstance(particulars, PublicError):
                raise particulars
            self._customers[customer_id] = self._known(described(particulars, customer_id, self._now))
        return self._customers[customer_id]

    def _known(self, asked: Customer) -> _Known:
        """Return the customer as they are now; what they were registered with is what the key stands for."""
        forgetting = shredding_stream(asked.customer_id)
        remembered = {forgetting: 0}
        if forgetting in self._there:
            remembered = still_remembered(self._ports, self._tenant, asked.customer_id)
        recorded = self._load(customer_stream(asked.customer_id))
        if not recorded:
            return _Known(asked, person_of(self._command.by), new=True, remembered=remembered)
        if decode(recorded[0]) != CustomerRegistered(asked):
            raise refusals.imported_otherwise()
        customer, registered_by = customer_in(recorded)
        # As they are described now is how their documents say them for good.
        remembered |= {customer_stream(asked.customer_id): len(recorded)}
        return _Known(customer or asked, registered_by, new=False, remembered=remembered)

    def _load(self, stream: str) -> list[RecordedEvent]:
        """Return a stream's events; what comes into being after the look is found by the append."""
        if stream in self._seen:
            return self._seen[stream]
        return self._ports.log.load(self._tenant, stream) if stream in self._there else []


def _outcome(issued: Issued, position: int) -> Outcome:
    return Outcome.of(numbered(issued, position), mailed=_is_mailed(issued))


def _is_mailed(issued: Issued) -> bool:
    return issued.delivery is DeliveryPreference.MAIL


def _require_same(earlier: Content, now: Content) -> None:
    if earlier != now:
        raise refusals.imported_otherwise()
