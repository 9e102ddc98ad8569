"""What can happen to claims: what a customer owes beside what invoices say.

A claim is a receivable of its own, under an id of its own. It is paid, written off and shown as an invoice is, and
changes nothing of any invoice.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

_NOTHING = Decimal("0.00")


class Cause(StrEnum):
    """What a claim comes from."""

    REFUND = "refund"
    """Money was refunded of a payment that the bank took back afterwards."""
    REMINDER = "reminder"
    """Fee, late interest and compensation of a reminder, whose id the claim has."""


@dataclass(frozen=True, slots=True)
class ClaimRaised:
    """The customer owes this; the first event of the stream of what is owed."""

    claim_id: str
    customer_id: str
    cause: Cause
    source: str
    """Id of what it comes from: of a payment, or of the invoice that was reminded of."""
    amount: Decimal
    """Above zero, in hundredths: fee, interest and compensation together, where a reminder claims it."""
    currency: str
    day: date
    """From which day on it is owed: the reminder's, or the value date of the reversal."""
    due: date
    number: str | None = None
    """Of the invoice that was reminded of (BT-1)."""
    fee: Decimal = _NOTHING
    interest: Decimal = _NOTHING
    compensation: Decimal = _NOTHING


@dataclass(frozen=True, slots=True)
class ClaimWaived:
    """The business gives up what was still owed of a claim, for good."""

    claim_id: str
    amount: Decimal
    reason: str


ClaimEvent = ClaimRaised | ClaimWaived
