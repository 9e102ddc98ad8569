"""Claims: what a customer owes beside what invoices say, each a receivable of its own."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid5

from services.invoices.domain import refusals_of_payments
from services.invoices.domain.events import Event
from services.invoices.domain.events.claims import Cause, ClaimRaised, ClaimWaived
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.domain.payment import Payment
from services.invoices.domain.receivable import Receivable, fold_receivable


def refund_claim_id(payment_id: str) -> str:
    """Return the id of the claim that a payment's reversal leaves: made of the payment's, which has one at most."""
    return str(uuid5(UUID(payment_id), "refund"))


def claim_after_reversal(payment: Payment, day: date) -> ClaimRaised | None:
    """Return what the customer owes when the bank takes back a payment of which money was refunded.

    The refund went out of our own pocket then: the bank takes the whole amount, and each invoice is owed again beside.
    """
    if not payment.refunded:
        return None
    recorded = payment.recorded
    return ClaimRaised(
        refund_claim_id(recorded.payment_id),
        recorded.customer_id,
        Cause.REFUND,
        recorded.payment_id,
        payment.refunded,
        recorded.currency,
        day,
        due=day,
    )


def claim_of_reminder(written: ReminderWritten) -> ClaimRaised | None:
    """Return what a reminder claims beside the invoice; None for one that claims nothing."""
    reminder = written.reminder
    if not reminder.claimed:
        return None
    return ClaimRaised(
        reminder.reminder_id,
        written.customer.customer_id,
        Cause.REMINDER,
        reminder.invoice_id,
        reminder.claimed,
        written.currency,
        reminder.day,
        due=reminder.pay_by,
        number=written.number,
        fee=reminder.fee,
        interest=reminder.interest,
        compensation=reminder.compensation,
    )


def decide_waiver(claim: Receivable, reason: str) -> ClaimWaived:
    """Decide on giving up what is still owed of a claim; PublicError nothing_owed."""
    if claim.owed <= 0:
        raise refusals_of_payments.nothing_owed()
    return ClaimWaived(claim.invoice_id, claim.owed, reason)


def claimed_in(events: Sequence[Event]) -> Receivable | None:
    """Return the claim that a stream of what is owed tells of; None when it tells of an invoice's, or of nothing.

    ValueError for a history that cannot have happened.
    """
    if not events or not isinstance(events[0], ClaimRaised):
        return None
    raised = events[0]
    claim = Receivable(raised.claim_id, raised.customer_id, raised.currency, raised.due, raised.amount)
    return fold_receivable(claim, events[1:])
