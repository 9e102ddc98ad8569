"""Recurring plans: made, paused, resumed and ended by people."""

from collections.abc import Callable
from contextlib import suppress

from services.invoices.commands.plans import EndPlan, MakePlan, PausePlan, ResumePlan
from services.invoices.domain import refusals, refusals_of_payments
from services.invoices.domain.events import Event
from services.invoices.domain.invoice import decide_draft
from services.invoices.domain.plan import Plan, decide_end, decide_pause, decide_plan, decide_resuming, fold_plan
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.drafting import require_named
from services.invoices.handlers.past import recorded_until
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import customer_stream, decode, encode, load_customer, load_plan, plan_stream
from services.invoices.ports import Ports
from shared.crypto.keyring import KeyShredded
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.ids import new_id


@deciding_again
def make_plan(ports: Ports, command: MakePlan, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Have a document written again and again; what no draft could say is refused now.

    Raises PublicError customer_unknown, key_shredded, and as `require_named`, `decide_draft` and `decide_plan`.
    """
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    customer_id = command.content.customer_id
    remembered = still_remembered(ports, tenant, customer_id)
    customer, _ = load_customer(ports.log, tenant, customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    require_named(ports, tenant, command.content)
    plan_id = new_id()
    decision = decide_plan(plan_id, command.content, command.schedule, issue=command.issue)
    decide_draft(invoice_id=plan_id, content=command.content, today=ports.clock.now().date())
    stream = plan_stream(plan_id)
    event = encode(stream, customer_stream(customer_id), decision)
    return ports.log.append(tenant, [event], {stream: 0, **remembered}, command_id)[0]


def pause_plan(ports: Ports, command: PausePlan, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Have nothing written for a while; PublicError plan_unknown, plan_not_running."""
    return _change(ports, tenant, command.plan_id, command_id, lambda plan: decide_pause(plan, command.reason))


def resume_plan(ports: Ports, command: ResumePlan, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Go on from a day, what lies before it is left out; PublicError plan_unknown, plan_not_paused."""
    today = ports.clock.now().date()
    return _change(ports, tenant, command.plan_id, command_id, lambda plan: decide_resuming(plan, command.day, today))


def end_plan(ports: Ports, command: EndPlan, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Have nothing written any more; PublicError plan_unknown, plan_not_running."""
    return _change(ports, tenant, command.plan_id, command_id, lambda plan: decide_end(plan, command.reason))


def get_plan(ports: Ports, *, tenant: str, plan_id: str, as_of: int | None = None) -> Plan:
    """Return a plan, as it is or as of a position; PublicError plan_unknown, position_unknown, key_shredded."""
    plan = fold_plan(map(decode, recorded_until(ports, tenant, plan_stream(plan_id), as_of)))
    if plan is None:
        raise refusals_of_payments.plan_unknown()
    return plan


def plan_at(ports: Ports, tenant: str, plan_id: str, as_of: int) -> Plan | None:
    """Return a plan as it was when the log ended with a position; None where there was none, or its key is gone."""
    with suppress(KeyShredded):
        recorded = ports.log.load(tenant, plan_stream(plan_id))
        return fold_plan(decode(event) for event in recorded if event.position <= as_of)
    return None


@deciding_again
def _change(
    ports: Ports, tenant: str, plan_id: str, command_id: CommandId, decide: Callable[[Plan], Event]
) -> RecordedEvent:
    plan, version = load_plan(ports.log, tenant, plan_id)
    if plan is None:
        raise refusals_of_payments.plan_unknown()
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    customer_id = plan.made.content.customer_id
    remembered = still_remembered(ports, tenant, customer_id)
    stream = plan_stream(plan_id)
    event = encode(stream, customer_stream(customer_id), decide(plan))
    return ports.log.append(tenant, [event], {stream: version, **remembered}, command_id)[0]
