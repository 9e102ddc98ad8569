"""What can happen to payments, and to what an invoice is still owed.

An allocation is told twice, in one append: in the payment's stream what left it, in the stream of the invoice's
receivable what arrived there. Each side can be folded, and expected at its version, without the other (ADR 0040).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Method(StrEnum):
    """How money came."""

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    CARD = "card"
    CASH = "cash"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PaymentRecorded:
    """Money of a customer arrived; what it is for is said by allocations."""

    payment_id: str
    customer_id: str
    amount: Decimal
    """Above zero, in hundredths."""
    currency: str
    """ISO 4217."""
    value_date: date
    """From which day the bank counts it."""
    method: Method
    bank_reference: str | None = None
    """The bank's own name for the entry."""
    remittance: str | None = None
    """What the payer wrote (remittance information; an invoice asks for it with BT-83)."""
    payer_account: str | None = None
    """IBAN of the account that it came from."""
    external_id: str | None = None
    """Name of the line in the bank's statement: one line is one payment."""


@dataclass(frozen=True, slots=True)
class BankLineTaken:
    """A line of a bank statement became a payment. In a stream of the line's own, which exists once."""

    payment_id: str
    allocations: int = 0
    """How many allocations came with it: they are the first in the payment's stream."""


@dataclass(frozen=True, slots=True)
class PaymentAllocated:
    """A part of a payment, or all of it, is for this invoice."""

    payment_id: str
    invoice_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class AllocationUndone:
    """All that a payment gave to this invoice is free again."""

    payment_id: str
    invoice_id: str
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class PaymentRefunded:
    """Money that was free went back to the customer."""

    payment_id: str
    amount: Decimal
    value_date: date
    reason: str


@dataclass(frozen=True, slots=True)
class PaymentReversed:
    """The bank took the whole payment back, a direct debit that bounced for example: it never was."""

    payment_id: str
    value_date: date
    reason: str


@dataclass(frozen=True, slots=True)
class AllocationReceived:
    """An invoice was paid, in part or in full, by this payment."""

    invoice_id: str
    payment_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class AllocationReturned:
    """What this payment gave is owed again."""

    invoice_id: str
    payment_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceWrittenOff:
    """What was still owed is not expected any more."""

    invoice_id: str
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class WriteOffReversed:
    """What was written off is owed again."""

    invoice_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CreditNoteRefunded:
    """Money went back to the customer for a credit note that names no invoice."""

    invoice_id: str
    """The credit note's."""
    amount: Decimal
    value_date: date
    reason: str


PaymentEvent = PaymentRecorded | PaymentAllocated | AllocationUndone | PaymentRefunded | PaymentReversed | BankLineTaken
ReceivableEvent = AllocationReceived | AllocationReturned | InvoiceWrittenOff | WriteOffReversed
