"""Issuing: a draft gets its number.

Whoever issues waits for each round trip to the log. It is asked twice for what a decision needs: for the draft and its
business, and for what the draft leads to. It is not asked at all where the process remembers that: then the append,
which says at which version all of it must be, is the only one.
"""

from contextlib import suppress
from dataclasses import dataclass

from services.invoices.commands.documents import IssueInvoice
from services.invoices.domain import refusals
from services.invoices.domain.changing import require_version
from services.invoices.domain.crediting import credited_invoice
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.events import (
    CreditNoteIssued,
    InvoiceIssued,
    NumberTaken,
)
from services.invoices.domain.invoice import Invoice, check_issue_date, decide_issue, document_of
from services.invoices.domain.numbering import Numbering
from services.invoices.domain.series import numbering_stream, seller_stream, series_stream
from services.invoices.handlers.archiving import draft_in
from services.invoices.handlers.crediting import crediting
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.drafting import given_in, require_foreign
from services.invoices.handlers.invoicing_quotes import fitting
from services.invoices.handlers.remembering import still_remembered
from services.invoices.handlers.retrying import allow_document, of_another
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_customer,
    load_invoice,
    load_numbering,
    load_seller,
    shredding_stream,
)
from services.invoices.ports import Ports
from services.invoices.replies import Numbered, issued
from shared.contracts.decision import Allow, Facts
from shared.contracts.errors import PublicError
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded
from shared.eventstore.log import Deciding, Remembered, Seen
from shared.eventstore.model import CommandId, RecordedEvent
from shared.eventstore.store import StoreError
from shared.kernel.clock import to_rfc3339


def issue_invoice(ports: Ports, command: IssueInvoice, *, tenant: str, command_id: CommandId, allow: Allow) -> Numbered:
    """Give a draft its number and its place in the log, all or nothing; drawing it comes after (`archiving`).

    A credit note that names an invoice takes back of it in the same append (`crediting`).

    Raises PublicError invoice_unknown, concurrent_change, invoice_already_issued, invoice_discarded, seller_missing,
    customer_unknown, key_shredded, document_breaks_rule, series_unknown, issue_date_invalid, document_invalid,
    permission_denied, and as `crediting` and `fitting`.
    """
    asking = _Asking(ports, command, tenant, command_id, allow)
    # A refusal is not believed either: the log itself may say that it is not so any more, or that this was done before.
    with suppress(StoreError, KeyShredded, PublicError):
        return _issue_on(Remembered(ports.log), asking)
    return _issue_after_looking(asking)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One command, and who asks."""

    ports: Ports
    command: IssueInvoice
    tenant: str
    command_id: CommandId
    allow: Allow


@deciding_again
def _issue_after_looking(asking: _Asking) -> Numbered:
    return _issue_on(asking.ports.log, asking)


def _issue_on(log: Deciding, asking: _Asking) -> Numbered:
    """Decide on what this log says and append it there; raises as `issue_invoice`, and StoreError."""
    ports, tenant = asking.ports, asking.tenant
    stream = invoice_stream(asking.command.invoice_id)
    seen = log.look(tenant, [stream, seller_stream(tenant), numbering_stream(tenant)], [], asking.command_id)
    invoice, version = load_invoice(seen, tenant, asking.command.invoice_id)
    # Looked for after loading: when this very command is carried out somewhere else at this moment, either it is
    # found here, or what was loaded is from before it. The other way round its own effect would be taken for
    # somebody else's.
    if earlier := seen.replay_of(tenant, asking.command_id):
        return _answered(asking, earlier)
    if invoice is None:
        raise refusals.invoice_unknown()
    seller, described = load_seller(seen, tenant)
    asked = _Asked(ports, tenant, invoice, seller.seller, *load_numbering(seen, tenant))
    with ports.turns.of(asked.series):
        others = log.look(tenant, asked.leads_to, [asked.series])
        content = asked.content
        remembered = still_remembered(ports, tenant, content.customer_id, others)
        customer, registered_by = load_customer(others, tenant, content.customer_id)
        asking.allow(Facts(registered_by=registered_by, amount=invoice.totals.payable, currency=content.currency))
        require_version(version, asking.command.expected_version)
        check_issue_date(content.issue_date, ports.clock.now().date())
        # Once more: the number may have been taken since it was drafted.
        require_foreign(content, asked.numbering, given_in(ports, tenant))
        decision, number, taken = asked.decide(customer, others)
        subject = customer_stream(content.customer_id)
        credited = crediting(others, tenant, content, decision)
        # Of each stream the version that was read first counts: a change since then has everything decided again.
        quoted = fitting(ports, tenant, invoice, credited.invoice)
        events = [encode(stream, subject, decision), encode(asked.series, TENANT_SUBJECT, number), *credited.events]
        expected = {
            **quoted,
            **credited.versions,
            stream: version,
            asked.series: taken,
            numbering_stream(tenant): asked.configured,
            # What the document says for good of its seller and customer is what is so when it is issued.
            seller_stream(tenant): described,
            subject: len(others.load(tenant, subject)),
            **remembered,
        }
        return issued(log.append(tenant, events, expected, asking.command_id)[0])


def _answered(asking: _Asking, earlier: list[RecordedEvent]) -> Numbered:
    """Answer a command that was carried out before, also by somebody else; PublicError permission_denied."""
    if of_another(earlier, asking.command_id):
        draft = draft_in(asking.ports.log.load(asking.tenant, earlier[0].stream))
        allow_document(asking.ports, asking.tenant, draft, asking.allow)
    return issued(earlier[0])


@dataclass(frozen=True, slots=True)
class _Asked:
    """A draft that is to be issued, and what the first look told about its business."""

    ports: Ports
    tenant: str
    invoice: Invoice
    seller: Seller | None
    numbering: Numbering
    configured: int
    """Version of the stream that says how documents are numbered."""

    @property
    def content(self) -> Content:
        """What the draft says."""
        return self.invoice.draft.content

    @property
    def series(self) -> str:
        """The stream that counts the document; none where that is refused, which is said when its turn comes."""
        with suppress(PublicError):
            return series_stream(self.tenant, self.numbering.counter_for(self.content))
        return ""

    @property
    def leads_to(self) -> list[str]:
        """The streams that the draft names: its customer, what was decided about them, the invoice that it credits."""
        streams = [customer_stream(self.content.customer_id), shredding_stream(self.content.customer_id)]
        with suppress(PublicError):  # as above
            if (credited := credited_invoice(self.content)) is not None:
                streams.append(invoice_stream(credited))
        return streams

    def decide(
        self, customer: Customer | None, others: Seen
    ) -> tuple[InvoiceIssued | CreditNoteIssued, NumberTaken, int]:
        """Return what is decided, and how many numbers the series had given before; raises as `decide_issue`."""
        taken = others.version(self.tenant, self.series)
        decision, number = decide_issue(
            self.invoice,
            seller=self.seller,
            customer=customer,
            number=self.numbering.number_of(self.content, taken),
            issued_at=to_rfc3339(self.ports.clock.now()),
        )
        _require_kept(self.ports, document_of(self.invoice.draft, decision))
        return decision, number, taken


def _require_kept(ports: Ports, document: Document) -> None:
    """Refuse what breaks a rule of the customer's network or authority; PublicError document_breaks_rule.

    Everybody else's documents were judged by the domain, which is what the official rules find about them.
    """
    if document.customer.takes_xml and (broken := ports.press.broken(document)):
        raise refusals.document_breaks_rule(broken)
