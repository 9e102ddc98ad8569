"""What callers ask about payments and what is owed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.invoices.domain.events.payments import Method


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a payment is for which invoice."""

    invoice_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RecordPayment:
    """Write down money that arrived."""

    customer_id: str
    amount: Decimal
    currency: str
    value_date: date
    method: Method
    bank_reference: str | None = None
    remittance: str | None = None
    payer_account: str | None = None
    external_id: str | None = None
    allocations: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class AllocatePayment:
    """Set parts of a payment against invoices."""

    payment_id: str
    allocations: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class UndoAllocation:
    """Take back what a payment gave to an invoice."""

    payment_id: str
    invoice_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Write down that money went back."""

    payment_id: str
    amount: Decimal
    value_date: date
    reason: str


@dataclass(frozen=True, slots=True)
class RefundCreditNote:
    """Write down that money went back for a credit note that names no invoice."""

    invoice_id: str
    """The credit note's."""
    amount: Decimal
    value_date: date
    reason: str


@dataclass(frozen=True, slots=True)
class ReversePayment:
    """Write down that the bank took a payment back."""

    payment_id: str
    value_date: date
    reason: str


@dataclass(frozen=True, slots=True)
class WriteOff:
    """Expect no more money for an invoice."""

    invoice_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReverseWriteOff:
    """Expect again what was written off."""

    invoice_id: str
    reason: str
