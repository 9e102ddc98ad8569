"""What plans write when it is due: each occurrence once, also after days of standstill and whoever else is at it.

The draft and the plan's own note of it are one append, at the expected version of the plan; and the draft's id is made
of the plan and the day. Issuing comes after, as a command whose key is made of both as well: killed in between, the
next round issues what was drafted.
"""

from contextlib import suppress
from datetime import date
from uuid import UUID, uuid5

from services.invoices.commands.documents import IssueInvoice
from services.invoices.domain.events import PlanFulfilled
from services.invoices.domain.invoice import State, decide_draft
from services.invoices.domain.plan import Plan, content_on, decide_pause, document_id, due
from services.invoices.domain.schedule import Occurrence
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.issuing import issue_invoice
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import customer_stream, encode, invoice_stream, load_invoice, load_plan, plan_stream
from services.invoices.ports import Ports
from shared.contracts.decision import Facts
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.keyring import KeyShredded
from shared.eventstore.model import Author, CommandId

_BY = Author("service", "invoices")


def carry_out(ports: Ports, tenant: str, plan_id: str, day: date) -> int:
    """Write all that a plan has due by a day, up to `MOST_AT_ONCE`; return how many drafts were written.

    What is refused pauses the plan, with the public code as the reason: it is looked at, and resumed, by a person.
    A plan of somebody who is forgotten writes nothing.
    """
    written = 0
    with suppress(KeyShredded):
        try:
            plan = _issue_latest(ports, tenant, plan_id)
            for occurrence in [] if plan is None else due(plan, day):
                written += _draft(ports, tenant, plan_id, occurrence)
                _issue_latest(ports, tenant, plan_id)
        except PublicError as refused:
            if refused.code is not ErrorCode.KEY_SHREDDED:
                _pause(ports, tenant, plan_id, refused.code.value)
    return written


@deciding_again
def _draft(ports: Ports, tenant: str, plan_id: str, occurrence: Occurrence) -> int:
    """Write the draft of an occurrence, unless it is written by now, or the plan was paused or ended meanwhile."""
    plan, version = load_plan(ports.log, tenant, plan_id)
    if plan is None or occurrence not in due(plan, occurrence.day):
        return 0
    content = content_on(plan, occurrence.day)
    remembered = still_remembered(ports, tenant, content.customer_id)
    invoice_id = document_id(plan_id, occurrence.day)
    draft = decide_draft(invoice_id=invoice_id, content=content, today=ports.clock.now().date())
    fulfilled = PlanFulfilled(plan_id, occurrence.index, occurrence.day, invoice_id)
    subject, document, stream = customer_stream(content.customer_id), invoice_stream(invoice_id), plan_stream(plan_id)
    events = [encode(document, subject, draft), encode(stream, subject, fulfilled)]
    ports.log.append(tenant, events, {document: 0, stream: version, **remembered}, by=_BY)
    return 1


def _issue_latest(ports: Ports, tenant: str, plan_id: str) -> Plan | None:
    """Issue what was drafted last, where the plan says so and nobody has; return the plan."""
    plan, _ = load_plan(ports.log, tenant, plan_id)
    if plan is None or plan.paused is not None or not plan.made.issue or plan.latest is None:
        return plan
    invoice, _ = load_invoice(ports.log, tenant, plan.latest)
    if invoice is not None and invoice.state is State.DRAFT:
        key = uuid5(UUID(plan_id), f"issue {plan.latest}")
        # In the place of a request's hash the two ids themselves: they are all that the command says.
        command = CommandId(str(key), key.bytes + UUID(plan.latest).bytes, _BY)
        issue_invoice(ports, IssueInvoice(plan.latest), tenant=tenant, command_id=command, allow=_allowed)
    return plan


def _allowed(_: Facts) -> None:
    """Allow: whoever made the plan was allowed to have it issue."""


@deciding_again
def _pause(ports: Ports, tenant: str, plan_id: str, code: str) -> None:
    plan, version = load_plan(ports.log, tenant, plan_id)
    if plan is None or plan.ended or plan.paused is not None:
        return
    stream = plan_stream(plan_id)
    event = encode(stream, customer_stream(plan.made.content.customer_id), decide_pause(plan, code))
    ports.log.append(tenant, [event], {stream: version}, by=_BY)
