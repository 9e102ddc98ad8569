"""What is asked about one stream of a running service, answered from that stream and not from the whole log."""

from cli.audit.history import InvoiceHistory, stream_of
from cli.audit.live import LiveLog
from cli.audit.moments import Moment
from cli.audit.reach import require_held
from cli.audit.streams import NotProved, ProvedStreams
from cli.session import Session
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import RecordedEvent
from shared.eventstore.tree_walk import CopyUnreadable
from shared.eventstore.trust import Trust
from shared.kernel.ids import is_uuid


def read_invoice(
    session: Session, trust: Trust, name: str, *moments: Moment
) -> tuple[InvoiceHistory, ProvedStreams] | None:
    """Return the history of the invoice with this id or number, and what proved it.

    None where only the whole log can answer: nothing is found, something is not as it should be, or a key is gone.
    Raises PublicError, and click.BadParameter for a moment that the log cannot answer for.
    """
    try:
        streams = _opened(session, "invoices", trust, *moments)
        invoice_id = name if is_uuid(name) else _listed_if_allowed(session, name)
        events = [] if invoice_id is None else streams.read(stream_of(invoice_id))
        # The list of invoices is only a hint: which invoice has the number, its own event says.
        if invoice_id is None or not events or not (name == invoice_id or _is_called(name, events)):
            return None
        history = InvoiceHistory(invoice_id, moments)
        history.take(events)
        history.take(streams.read(f"customer-{_customer_of(events)}"))
        history.until = {moment: streams.until(moment, events) for moment in moments}
    except (NotProved, CopyUnreadable):
        return None
    return history, streams


def read_stream(
    session: Session, service: str, trust: Trust, stream: str, moment: Moment | None
) -> tuple[list[RecordedEvent], ProvedStreams] | None:
    """Return a stream's events, up to a moment, and what proved them; None and raises as `read_invoice`."""
    moments = [] if moment is None else [moment]
    try:
        streams = _opened(session, service, trust, *moments)
        events = streams.read(stream)
        until = None if moment is None else streams.until(moment, events)
    except (NotProved, CopyUnreadable):
        return None
    held = [event for event in events if until is None or event.position <= until.last]
    return (held, streams) if events else None


def listed_invoice(session: Session, number: str) -> str | None:
    """Return the id of the invoice that the service lists under this number; None when it lists none."""
    request: dict[str, object] = {"limit": 200, "number": number}
    while True:
        page = session.query("invoices", "list_invoices", request)
        for summary in page["invoices"]:
            if summary.get("number") == number:
                return str(summary["invoice_id"])
        if "next_page" not in page:
            return None
        request["page_after"] = page["next_page"]


def _listed_if_allowed(session: Session, number: str) -> str | None:
    """Return as `listed_invoice`, and None for whoever may read the log, but no list."""
    try:
        return listed_invoice(session, number)
    except PublicError as error:
        if error.code is ErrorCode.PERMISSION_DENIED:
            return None
        raise


def _opened(session: Session, service: str, trust: Trust, *moments: Moment) -> ProvedStreams:
    log = LiveLog(lambda method, request: session.query(service, method, request))
    require_held(log, *moments)
    return ProvedStreams(log, trust)


def _is_called(number: str, events: list[RecordedEvent]) -> bool:
    return any(event.payload.get("number") == number for event in events)


def _customer_of(events: list[RecordedEvent]) -> str:
    customer_id = str(events[0].payload.get("customer_id"))
    if not is_uuid(customer_id):
        raise NotProved("the stream does not begin with a draft")
    return customer_id
