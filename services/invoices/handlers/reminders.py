"""Reminders: decided on what is owed at that moment, each level once and in order, whoever else is at it.

The append expects the versions of all that a reminder was decided on: the invoice, what it is owed, what earlier
reminders are owed, and that the customer is not forgotten. Whoever is overtaken, by a payment or by the same reminder,
decides again.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from services.invoices.commands.reminders import HoldReminders, RemindCustomer, RemindInvoice, ResumeReminders
from services.invoices.domain import refusals, refusals_of_files, refusals_of_payments
from services.invoices.domain import refusals_of_reminders as refused
from services.invoices.domain.claim import claim_of_reminder
from services.invoices.domain.events import Event
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.domain.interest import InterestLine
from services.invoices.domain.receivable import ZERO, Receivable, standing
from services.invoices.domain.reminder_policy import ReminderPolicy
from services.invoices.domain.reminding import (
    Case,
    Reminding,
    decide_hold,
    decide_reminder,
    decide_resuming,
    interest_of,
    level_due,
)
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.receivables import Expected, load_receivable
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_customer,
    load_invoice,
    load_payment,
    load_reminding,
    load_seller,
    receivable_stream,
    reminder_stream,
)
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.keyring import KeyShredded
from shared.eventstore.model import Author, CommandId, NewEvent, RecordedEvent
from shared.kernel.ids import new_id

_BY = Author("service", "invoices")
MOST_LOOKED_AT = 500
"""Invoices that are looked at for one page of what is due."""
MOST_AT_ONCE = 50
"""Reminders of a customer that are written in one append; the rest follows with the next command."""


@deciding_again
def remind_invoice(ports: Ports, command: RemindInvoice, *, tenant: str, command_id: CommandId) -> list[RecordedEvent]:
    """Write the next reminder of an invoice; return the events of letters, one.

    Raises PublicError invoice_unknown, invoice_not_issued, nothing_owed, reminders_not_configured, reminder_not_due,
    reminders_held, reminders_exhausted, base_rate_missing, seller_missing, key_shredded.
    """
    case, expected = load_case(ports, tenant, command.invoice_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return letters_in(earlier)
    reminding, _ = load_reminding(ports.log, tenant)
    written = _decide(ports, tenant, reminding, case)
    remembered = still_remembered(ports, tenant, case.receivable.customer_id)
    recorded = ports.log.append(tenant, _told(written), {**expected, **_begun(written), **remembered}, command_id)
    return letters_in(recorded)


@deciding_again
def remind_customer(
    ports: Ports, command: RemindCustomer, unsettled: Sequence[str], *, tenant: str, command_id: CommandId
) -> list[RecordedEvent]:
    """Write the next reminder of each of a customer's invoices that is due, in one append; return the letters.

    `unsettled`: ids of the customer's invoices that may be. Raises PublicError reminder_not_due when none is; else as
    `remind_invoice`.
    """
    remembered = still_remembered(ports, tenant, command.customer_id)
    cases = [load_case(ports, tenant, invoice_id) for invoice_id in unsettled]
    if earlier := ports.log.replay_of(tenant, command_id):
        return letters_in(earlier)
    reminding, _ = load_reminding(ports.log, tenant)
    due = ((_due(ports, tenant, reminding, case), versions) for case, versions in cases)
    written = [(letter, versions) for letter, versions in due if letter is not None][:MOST_AT_ONCE]
    if not written:
        raise refused.none_due()
    events = [event for letter, _ in written for event in _told(letter)]
    expected = {stream: at for letter, versions in written for stream, at in {**versions, **_begun(letter)}.items()}
    return letters_in(ports.log.append(tenant, events, {**expected, **remembered}, command_id))


def reminds_by_itself(ports: Ports, tenant: str) -> bool:
    """Tell whether the business wants reminders to be written without a command."""
    reminding, _ = load_reminding(ports.log, tenant)
    return reminding.policy is not None and reminding.policy.automatic


@deciding_again
def remind_by_itself(ports: Ports, tenant: str, invoice_id: str) -> int:
    """Write the next reminder of an invoice if it is due, as the planner; return how many were written.

    Raises PublicError base_rate_missing and what else refuses it, KeyShredded.
    """
    reminding, _ = load_reminding(ports.log, tenant)
    case, expected = load_case(ports, tenant, invoice_id)
    written = _due(ports, tenant, reminding, case)
    if written is None:
        return 0
    remembered = still_remembered(ports, tenant, case.receivable.customer_id)
    ports.log.append(tenant, _told(written), {**expected, **_begun(written), **remembered}, by=_BY)
    return 1


def hold_reminders(ports: Ports, command: HoldReminders, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Hold reminders of an invoice back; raises as `load_receivable`, malformed_request for a day that is past."""
    today = ports.clock.now().date()
    decide = partial(decide_hold, reason=command.reason, until=command.until, today=today)
    return _change(ports, tenant, command.invoice_id, command_id, decide)


def resume_reminders(ports: Ports, command: ResumeReminders, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Remind of an invoice again; raises as `load_receivable`, reminders_not_held."""
    return _change(ports, tenant, command.invoice_id, command_id, decide_resuming)


@dataclass(frozen=True, slots=True)
class DueReminder:
    """An invoice whose next reminder is due."""

    invoice_id: str
    customer_id: str
    number: str
    level: int
    currency: str
    owed: Decimal
    due_date: date
    days_overdue: int


def due_reminders(
    ports: Ports, candidates: Iterable[tuple[int, str]], *, tenant: str, day: date, limit: int
) -> tuple[list[DueReminder], int | None]:
    """Return the invoices whose next reminder is due on a day, and after which position to look for more.

    `candidates`: position and id of what may be overdue; at most so many are looked at (`MOST_LOOKED_AT`). Raises
    PublicError reminders_not_configured.
    """
    reminding, _ = load_reminding(ports.log, tenant)
    policy = reminding.require_policy()
    found: list[DueReminder] = []
    last = None
    for looked_at, (position, invoice_id) in enumerate(candidates):
        if len(found) == limit or looked_at == MOST_LOOKED_AT:
            return found, last
        with suppress(PublicError, KeyShredded):  # not due, or forgotten since
            found.append(_shown_due(ports, tenant, policy, invoice_id, day))
        last = position
    return found, None


def _shown_due(ports: Ports, tenant: str, policy: ReminderPolicy, invoice_id: str, day: date) -> DueReminder:
    invoice, _ = load_invoice(ports.log, tenant, invoice_id)
    receivable, _ = load_receivable(ports, tenant, invoice_id)
    level_due(policy, receivable, day)
    if invoice is None or invoice.issued is None:
        raise refusals_of_files.not_issued()
    return DueReminder(
        invoice_id,
        receivable.customer_id,
        str(invoice.issued.number),
        len(receivable.reminders) + 1,
        receivable.currency,
        receivable.owed,
        receivable.due,
        standing(receivable, day).days_overdue,
    )


def get_interest(
    ports: Ports, *, tenant: str, invoice_id: str, day: date, allow: Allow
) -> tuple[Case, tuple[InterestLine, ...]]:
    """Return the late interest on an invoice up to a day, line by line.

    Raises PublicError invoice_unknown, invoice_not_issued, nothing_owed (a credit note), reminders_not_configured,
    base_rate_missing, key_shredded, permission_denied.
    """
    case, _ = load_case(ports, tenant, invoice_id)
    _, registered_by = load_customer(ports.log, tenant, case.receivable.customer_id)
    allow(Facts(registered_by=registered_by))
    reminding, _ = load_reminding(ports.log, tenant)
    return case, interest_of(reminding, case, day)


def load_case(ports: Ports, tenant: str, invoice_id: str) -> tuple[Case, Expected]:
    """Return what a reminder of an invoice is decided on, and what an append has to expect so that it is still so.

    Raises PublicError invoice_unknown (for a claim too: nobody is reminded of one), invoice_not_issued, nothing_owed
    (a credit note), customer_unknown, key_shredded.
    """
    invoice, _ = load_invoice(ports.log, tenant, invoice_id)
    if invoice is None:
        raise refusals.invoice_unknown()
    receivable, expected = load_receivable(ports, tenant, invoice_id)
    customer, _ = load_customer(ports.log, tenant, receivable.customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    claims = [load_receivable(ports, tenant, each.reminder_id) for each in receivable.reminders if each.claimed]
    for _, versions in claims:
        expected |= versions
    earlier = sum((claim.owed for claim, _ in claims), ZERO)
    return Case(invoice, receivable, _value_dates(ports, tenant, receivable), earlier, customer), expected


def letters_in(recorded: Iterable[RecordedEvent]) -> list[RecordedEvent]:
    """Return those events that are reminders' letters."""
    return [event for event in recorded if event.type == ReminderWritten.__name__]


def _value_dates(ports: Ports, tenant: str, receivable: Receivable) -> dict[str, date]:
    dates = {}
    for payment_id in receivable.received:
        payment, _ = load_payment(ports.log, tenant, payment_id)
        if payment is None:
            raise refusals_of_payments.payment_unknown()
        dates[payment_id] = payment.recorded.value_date
    return dates


def _decide(ports: Ports, tenant: str, reminding: Reminding, case: Case) -> ReminderWritten:
    seller, _ = load_seller(ports.log, tenant)
    return decide_reminder(reminding, case, reminder_id=new_id(), seller=seller.seller, now=ports.clock.now())


_NOT_NOW = frozenset(
    {
        ErrorCode.NOTHING_OWED,
        ErrorCode.REMINDER_NOT_DUE,
        ErrorCode.REMINDERS_HELD,
        ErrorCode.REMINDERS_EXHAUSTED,
    }
)


def _due(ports: Ports, tenant: str, reminding: Reminding, case: Case) -> ReminderWritten | None:
    """Return the next reminder of an invoice; None when it is not due. Raises what else refuses it."""
    try:
        return _decide(ports, tenant, reminding, case)
    except PublicError as refusal:
        if refusal.code in _NOT_NOW:
            return None
        raise


def _told(written: ReminderWritten) -> list[NewEvent]:
    """Return a reminder's events: of its letter, of the invoice that it is about, and of what it claims."""
    reminder, subject = written.reminder, customer_stream(written.customer.customer_id)
    events = [
        encode(reminder_stream(reminder.reminder_id), subject, written),
        encode(receivable_stream(reminder.invoice_id), subject, reminder),
    ]
    if (claim := claim_of_reminder(written)) is not None:
        events.append(encode(receivable_stream(claim.claim_id), subject, claim))
    return events


def _begun(written: ReminderWritten) -> Expected:
    """Return the streams that a reminder begins."""
    reminder_id = written.reminder.reminder_id
    claims = {receivable_stream(reminder_id): 0} if written.reminder.claimed else {}
    return {reminder_stream(reminder_id): 0, **claims}


@deciding_again
def _change(
    ports: Ports, tenant: str, invoice_id: str, command_id: CommandId, decide: Callable[[Receivable], Event]
) -> RecordedEvent:
    stream = receivable_stream(invoice_id)
    if not ports.log.version(tenant, invoice_stream(invoice_id)):  # a claim, perhaps: nobody is reminded of one
        raise refusals.invoice_unknown()
    receivable, expected = load_receivable(ports, tenant, invoice_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    remembered = still_remembered(ports, tenant, receivable.customer_id)
    event = encode(stream, customer_stream(receivable.customer_id), decide(receivable))
    return ports.log.append(tenant, [event], {**expected, **remembered}, command_id)[0]
