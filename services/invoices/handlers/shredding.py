"""Forgetting a customer: the commands, in the manner of handlers.py, and the question how far it has come.

The event comes first: once it stands in the log, nothing about the customer is accepted any more, and the keys are
destroyed. A process that dies in between leaves the rest to `adapters/shredder.py`, which follows the log. The other
way round a key could be gone without the log saying who wanted that.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from services.invoices.commands.shredding import ApproveShredding, EndShredding, RequestShredding
from services.invoices.domain import refusals
from services.invoices.domain.events import (
    Event,
    ShreddingApproved,
    ShreddingRejected,
    ShreddingRequested,
    SubjectShredded,
)
from services.invoices.domain.invoice import issuable_days
from services.invoices.domain.numbering import fiscal_years
from services.invoices.domain.retention import retained_until
from services.invoices.domain.series import numbering_stream, series_stream
from services.invoices.domain.shredding import (
    Shredding,
    decide_approval,
    decide_end,
    decide_request,
    require_not_shredded,
)
from services.invoices.handlers.approving import approval_of
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.issue_dates import IssueDates
from services.invoices.history import (
    customer_stream,
    decode,
    encode,
    load_numbering,
    load_shredding,
    shredding_stream,
)
from services.invoices.ports import Ports
from services.invoices.replies import ShreddingAsked, ShreddingFound, ShreddingState, shredding_asked
from shared.contracts.four_eyes import APPROVAL_LIFETIME, Approvable
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, NewEvent, RecordedEvent
from shared.kernel.clock import to_rfc3339
from shared.kernel.ids import new_id


def request_shredding(ports: Ports, command: RequestShredding, *, tenant: str, command_id: CommandId) -> ShreddingAsked:
    """Forget a customer at once, or ask for a second person when the request overrides retention.

    Raises PublicError customer_unknown, key_shredded, retention_runs, permission_denied.
    """
    subject = customer_stream(command.customer_id)
    issue_dates, now = IssueDates(ports.log, tenant, subject), ports.clock.now()
    request = ShreddingRequested(
        request_id=new_id(),
        customer_id=command.customer_id,
        reason=command.reason,
        override=command.override,
        requested_by=approval_of(command_id),
        expires_at=to_rfc3339(now + APPROVAL_LIFETIME),
    )

    @deciding_again
    def decide() -> list[RecordedEvent]:
        shredding, version = load_shredding(ports.log, tenant, command.customer_id)
        # Asked after loading, as in handlers.issue_invoice.
        if earlier := ports.log.replay_of(tenant, command_id):
            return earlier
        require_not_shredded(shredding)
        if ports.log.version(tenant, subject) == 0:
            raise refusals.customer_unknown()
        expected, until = {shredding_stream(command.customer_id): version}, None
        if command.override is None:
            # Every document takes a number. With the series' versions from before the look at the log, the append
            # fails if a document was issued since, to whomever, and the look is taken again.
            expected |= _series_versions(ports, tenant, now.date())
            until = retained_until(issue_dates.latest(), ports.retention_years, ports.clock.now().date())
        keys = ports.keyring.key_ids(tenant, subject)
        events = decide_request(shredding, request, subject=subject, keys=keys, retained_until=until)
        return ports.log.append(tenant, _encoded(command.customer_id, events), expected, command_id)

    return _concluded(ports, tenant, decide())


def approve_shredding(ports: Ports, command: ApproveShredding, *, tenant: str, command_id: CommandId) -> ShreddingAsked:
    """Agree to a request that overrides retention, and so forget the customer.

    Raises PublicError key_shredded, approval_unknown, second_person_needed, approval_expired, approval_differs,
    permission_denied.
    """
    subject = customer_stream(command.customer_id)
    agreed = ShreddingApproved(command.request_id, approval_of(command_id), command.digest)

    @deciding_again
    def decide() -> list[RecordedEvent]:
        shredding, version = load_shredding(ports.log, tenant, command.customer_id)
        if earlier := ports.log.replay_of(tenant, command_id):
            return earlier
        keys = ports.keyring.key_ids(tenant, subject)
        events = decide_approval(shredding, agreed, ports.clock.now(), subject=subject, keys=keys)
        expected = {shredding_stream(command.customer_id): version}
        return ports.log.append(tenant, _encoded(command.customer_id, events), expected, command_id)

    return _concluded(ports, tenant, decide())


@deciding_again
def end_shredding(ports: Ports, command: EndShredding, *, tenant: str, command_id: CommandId) -> int:
    """Withdraw one's own request, or reject another one's; return the position.

    Raises PublicError key_shredded, approval_unknown, permission_denied.
    """
    by = approval_of(command_id)
    shredding, version = load_shredding(ports.log, tenant, command.customer_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[-1].position
    events = [decide_end(shredding, command.request_id, by)]
    expected = {shredding_stream(command.customer_id): version}
    return ports.log.append(tenant, _encoded(command.customer_id, events), expected, command_id)[-1].position


def waiting_shreddings(ports: Ports, customers: Iterable[str], *, tenant: str) -> list[Approvable]:
    """Return the requests that wait for a second person, exactly as they are approved.

    `customers` are those whom a request may wait about, as the read model knows; the log says what does wait.
    """
    now = ports.clock.now()
    found = (load_shredding(ports.log, tenant, customer_id)[0].waiting for customer_id in customers)
    return [each for each in found if each is not None and not each.is_over(now)]


def get_shredding(ports: Ports, *, tenant: str, customer_id: str) -> ShreddingFound:
    """Return what was asked and decided, so that a second person sees what to agree to."""
    folded, _ = load_shredding(ports.log, tenant, customer_id)
    request = folded.requested
    if request is None:
        return ShreddingFound("none")
    waiting = folded.waiting
    over = waiting is None or waiting.is_over(ports.clock.now())
    return ShreddingFound(
        _state(folded, over=over),
        request_id=request.request_id,
        reason=request.reason,
        override=request.override,
        requested_by=request.requested_by.user_id,
        waiting=None if waiting is None or over else waiting.shown,
    )


def _state(shredding: Shredding, *, over: bool) -> ShreddingState:
    if shredding.shredded is not None:
        return "shredded"
    if shredding.ended is not None:
        return "rejected" if isinstance(shredding.ended, ShreddingRejected) else "withdrawn"
    return "expired" if over else "awaiting_approval"


def _encoded(customer_id: str, events: Sequence[Event]) -> list[NewEvent]:
    # Sealed for the tenant: that somebody was forgotten, and on whose word, must stay readable.
    return [encode(shredding_stream(customer_id), TENANT_SUBJECT, event) for event in events]


def _concluded(ports: Ports, tenant: str, recorded: list[RecordedEvent]) -> ShreddingAsked:
    """Destroy the keys when it was decided so; done again on a retry, which changes nothing."""
    last = decode(recorded[-1])
    if isinstance(last, SubjectShredded):
        ports.keyring.shred(tenant, last.subject)
    return shredding_asked(recorded)


def _series_versions(ports: Ports, tenant: str, today: date) -> dict[str, int]:
    """Return the versions of all streams in which something may be issued at this moment."""
    numbering, configured = load_numbering(ports.log, tenant)
    years = fiscal_years(*issuable_days(today))
    streams = [series_stream(tenant, counter) for counter in numbering.counters(years)]
    return {
        numbering_stream(tenant): configured,
        **{stream: ports.log.version(tenant, stream) for stream in streams},
    }
