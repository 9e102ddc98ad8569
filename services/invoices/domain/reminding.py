"""Reminding: what the business said about it, and the decision to remind.

never reminded -> level 1 -> level 2 -> … -> the last level

A reminder is decided on what is owed at that moment, and its append expects the versions that say so: what is paid
meanwhile is decided on again. It changes no invoice. What it claims is a claim of its own (claim.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from services.invoices.domain import refusals_of_payments, refusals_of_sellers
from services.invoices.domain import refusals_of_reminders as refused
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.document.terms import last_day_to_pay
from services.invoices.domain.events import Event, InvoiceIssued
from services.invoices.domain.events.reminders import (
    BaseRateRecorded,
    Reminded,
    RemindersConfigured,
    RemindersHeld,
    RemindersResumed,
    ReminderWritten,
)
from services.invoices.domain.interest import BaseRate, Debt, InterestLine, late_interest, total
from services.invoices.domain.invoice import Invoice
from services.invoices.domain.receivable import Receivable
from services.invoices.domain.reminder_policy import ReminderLevel, ReminderPolicy, is_business
from shared.kernel.clock import to_rfc3339
from shared.kernel.money import to_cents

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Reminding:
    """The fold of the stream that says how a business reminds."""

    policy: ReminderPolicy | None = None
    rates: Mapping[date, BaseRate] = field(default_factory=dict)
    """By the half-year's first day."""

    def require_policy(self) -> ReminderPolicy:
        """Return the policy; PublicError reminders_not_configured."""
        if self.policy is None:
            raise refused.not_configured()
        return self.policy


def fold_reminding(events: Iterable[Event]) -> Reminding:
    """Return what the business said last; ValueError for an event that does not belong to it."""
    reminding = Reminding()
    for event in events:
        match event:
            case RemindersConfigured(policy=policy):
                reminding = replace(reminding, policy=policy)
            case BaseRateRecorded(rate=rate):
                reminding = replace(reminding, rates={**reminding.rates, rate.valid_from: rate})
            case _:
                raise ValueError(f"{type(event).__name__} says nothing about reminding")
    return reminding


@dataclass(frozen=True, slots=True)
class Case:
    """All that a reminder of one invoice is decided on."""

    invoice: Invoice
    receivable: Receivable
    value_dates: Mapping[str, date]
    """Of every payment that the invoice received."""
    earlier: Decimal
    """Still owed of what earlier reminders claimed."""
    customer: Customer
    """As of now; the invoice's, like the seller of the reminder, may be older."""

    @property
    def issued(self) -> InvoiceIssued:
        """Return the invoice as it was issued; TypeError for what nobody is reminded of."""
        if not isinstance(self.invoice.issued, InvoiceIssued):
            raise TypeError("only an issued invoice is reminded of")
        return self.invoice.issued

    @property
    def debt(self) -> Debt:
        """Return what was owed over time."""
        owed, received = self.receivable, self.receivable.received
        payments = sorted((self.value_dates[payment_id], amount) for payment_id, amount in received.items())
        amount = owed.payable - owed.credited - owed.written_off
        return Debt(amount, last_day_to_pay(self.invoice.content, self.issued.customer), tuple(payments))


def level_due(policy: ReminderPolicy, receivable: Receivable, day: date) -> ReminderLevel:
    """Return the level that is next, when it is due on this day.

    Raises PublicError nothing_owed, reminder_not_due, reminders_held, reminders_exhausted.
    """
    if receivable.owed <= 0:
        raise refusals_of_payments.nothing_owed()
    if receivable.currency == policy.currency and receivable.owed < policy.least:
        raise refused.too_little()
    hold = receivable.hold
    if hold is not None and (hold.until is None or day <= hold.until):
        raise refused.held(hold.until)
    written = receivable.reminders
    if len(written) >= len(policy.levels):
        raise refused.exhausted()
    level = policy.levels[len(written)]
    first = (written[-1].day if written else receivable.due) + timedelta(days=level.days)
    if day < first:
        raise refused.not_due(first)
    return level


def interest_of(reminding: Reminding, case: Case, day: date) -> tuple[InterestLine, ...]:
    """Return the late interest on an invoice up to a day; nothing where this customer owes none.

    Raises PublicError reminders_not_configured, base_rate_missing.
    """
    margin = reminding.require_policy().margin_for(case.customer)
    return () if margin is None else late_interest(case.debt, day, margin, reminding.rates)


def decide_reminder(
    reminding: Reminding, case: Case, *, reminder_id: str, seller: Seller | None, now: datetime
) -> ReminderWritten:
    """Decide on the next reminder of an invoice, and work out what it claims.

    Raises PublicError as `level_due` and `interest_of`, seller_missing.
    """
    if seller is None:
        raise refusals_of_sellers.seller_missing()
    policy, day = reminding.require_policy(), now.date()
    level = level_due(policy, case.receivable, day)
    lines = interest_of(reminding, case, day) if level.interest else ()
    content, issued = case.invoice.content, case.issued
    language = content.language or case.customer.language or seller.language
    own = level.text_in(language)
    return ReminderWritten(
        _reminder(policy, level, case, lines, reminder_id=reminder_id, day=day),
        str(issued.number),
        content.issue_date,
        case.receivable.due,
        case.receivable.currency,
        seller,
        case.customer,
        to_rfc3339(now),
        language,
        title=None if own is None else own.title,
        text=None if own is None else own.text,
        lines=lines,
        earlier=case.earlier,
    )


def _reminder(
    policy: ReminderPolicy,
    level: ReminderLevel,
    case: Case,
    lines: Iterable[InterestLine],
    *,
    reminder_id: str,
    day: date,
) -> Reminded:
    """Work out what a reminder claims: nothing that an earlier one claimed, and no sum in a currency not its own."""
    receivable, before = case.receivable, case.receivable.reminders
    own_currency = receivable.currency == policy.currency
    compensated = any(each.compensation for each in before)
    compensates = own_currency and level.interest and is_business(case.customer) and not compensated
    return Reminded(
        receivable.invoice_id,
        reminder_id,
        len(before) + 1,
        day,
        day + timedelta(days=level.term_days),
        balance=receivable.owed,
        fee=to_cents(level.fee) if own_currency else ZERO,
        interest=max(total(lines) - receivable.interest_claimed, ZERO),
        compensation=to_cents(policy.compensation) if compensates else ZERO,
    )


def decide_hold(receivable: Receivable, reason: str, until: date | None, today: date) -> RemindersHeld:
    """Decide on holding reminders back, in the place of an earlier hold; PublicError malformed_request."""
    if until is not None and until < today:
        raise refused.hold_is_past()
    return RemindersHeld(receivable.invoice_id, reason, until)


def decide_resuming(receivable: Receivable) -> RemindersResumed:
    """Decide on reminding of an invoice again; PublicError reminders_not_held."""
    if receivable.hold is None:
        raise refused.not_held()
    return RemindersResumed(receivable.invoice_id)
