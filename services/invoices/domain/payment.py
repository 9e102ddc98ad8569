r"""A payment: money of one customer, of which parts are allocated to invoices, refunded, or free.

    recorded -- allocated <--> free -- refunded
        \______ reversed: the bank took it back, and every allocation with it; what was refunded is owed back

What is free is the customer's credit: an overpayment or a prepayment waits there until it is allocated or refunded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from services.invoices.domain import refusals_of_payments as refusals
from services.invoices.domain.events import Event
from services.invoices.domain.events.payments import (
    AllocationReceived,
    AllocationReturned,
    AllocationUndone,
    PaymentAllocated,
    PaymentRecorded,
    PaymentRefunded,
    PaymentReversed,
)
from services.invoices.domain.receivable import Receivable
from shared.contracts.codes import minor_unit
from shared.kernel.money import to_cents

ZERO = Decimal("0.00")
_EARLIEST, _FURTHEST_AHEAD = date(1990, 1, 1), timedelta(days=365)
"""Value dates: older books are carried over in balances; a bank announces what is due within days, not years."""


@dataclass(frozen=True, slots=True)
class Payment:
    """The fold of a payment's stream."""

    recorded: PaymentRecorded
    allocated: Mapping[str, Decimal] = field(default_factory=dict)
    """By invoice, above zero."""
    refunded: Decimal = ZERO
    reversed: bool = False

    @property
    def free(self) -> Decimal:
        """Return what is neither allocated nor refunded; nothing of a payment that the bank took back."""
        if self.reversed:
            return ZERO
        return self.recorded.amount - sum(self.allocated.values(), ZERO) - self.refunded

    @property
    def owed_back(self) -> Decimal:
        """Return what was refunded of a payment that the bank took back: a claim of its own (claim.py)."""
        return self.refunded if self.reversed else ZERO


def payment_after(payment: Payment | None, event: Event) -> Payment:
    """Return the payment after one more event of its stream; ValueError for one that cannot follow."""
    if isinstance(event, PaymentRecorded) and payment is None:
        return Payment(event)
    if payment is not None:
        match event:
            case PaymentAllocated(invoice_id=invoice_id, amount=amount):
                total = payment.allocated.get(invoice_id, ZERO) + amount
                return replace(payment, allocated={**payment.allocated, invoice_id: total})
            case AllocationUndone(invoice_id=invoice_id) if invoice_id in payment.allocated:
                return replace(payment, allocated=_without(payment.allocated, invoice_id))
            case PaymentRefunded(amount=amount):
                return replace(payment, refunded=payment.refunded + amount)
            case PaymentReversed() if not payment.reversed:
                return replace(payment, reversed=True, allocated={})
            case _:
                pass
    raise ValueError(f"{type(event).__name__} cannot follow in the history of this payment")


def fold_payment(events: Iterable[Event]) -> Payment | None:
    """Return the payment that these events describe; None when there are none."""
    payment: Payment | None = None
    for event in events:
        payment = payment_after(payment, event)
    return payment


def require_value_date(day: date, today: date) -> None:
    """Refuse a value date that can only be a slip; PublicError value_date_invalid."""
    if not _EARLIEST <= day <= today + _FURTHEST_AHEAD:
        raise refusals.value_date_invalid()


def require_payable(amount: Decimal, currency: str) -> None:
    """Refuse an amount that there is no money for: of fractions of a yen; PublicError malformed_request."""
    if amount % minor_unit(currency):
        raise refusals.not_payable(currency)


def decide_allocation(
    payment: Payment, receivable: Receivable, amount: Decimal
) -> tuple[PaymentAllocated, AllocationReceived]:
    """Decide on giving a part of a payment to an invoice: never more than is free here, or owed there.

    Raises PublicError payment_reversed, payer_differs, currency_differs, payment_spent, nothing_owed, more_than_owed.
    """
    recorded = _standing_payment(payment).recorded
    if recorded.customer_id != receivable.customer_id:
        raise refusals.payer_differs()
    if recorded.currency != receivable.currency:
        raise refusals.currency_differs()
    amount = to_cents(amount)
    receivable.require_owed(amount)
    _require_free(payment, amount)
    invoice_id = receivable.invoice_id
    return (
        PaymentAllocated(recorded.payment_id, invoice_id, amount),
        AllocationReceived(invoice_id, recorded.payment_id, amount),
    )


def decide_undoing(payment: Payment, invoice_id: str, reason: str) -> tuple[AllocationUndone, AllocationReturned]:
    """Decide on taking back all that a payment gave to an invoice; PublicError allocation_unknown."""
    amount = payment.allocated.get(invoice_id)
    if amount is None:
        raise refusals.allocation_unknown()
    payment_id = payment.recorded.payment_id
    return (
        AllocationUndone(payment_id, invoice_id, amount, reason),
        AllocationReturned(invoice_id, payment_id, amount),
    )


def decide_refund(
    payment: Payment, amount: Decimal, value_date: date, reason: str, excess: Decimal = ZERO
) -> PaymentRefunded:
    """Decide on giving money back that is free; `excess`: what of it invoices have beyond what they are owed.

    Raises PublicError payment_reversed, payment_spent, malformed_request, value_date_invalid.
    """
    amount = to_cents(amount)
    _require_free(_standing_payment(payment), amount, excess)
    require_payable(amount, payment.recorded.currency)
    _require_not_before(payment, value_date)
    return PaymentRefunded(payment.recorded.payment_id, amount, value_date, reason)


def decide_reversal(
    payment: Payment, value_date: date, reason: str
) -> tuple[PaymentReversed, tuple[AllocationReturned, ...]]:
    """Decide on what the bank took back: every invoice that it had paid is owed again.

    Raises PublicError payment_reversed, value_date_invalid.
    """
    payment_id = _standing_payment(payment).recorded.payment_id
    _require_not_before(payment, value_date)
    returned = (AllocationReturned(each, payment_id, amount) for each, amount in sorted(payment.allocated.items()))
    return PaymentReversed(payment_id, value_date, reason), tuple(returned)


def _standing_payment(payment: Payment) -> Payment:
    if payment.reversed:
        raise refusals.payment_reversed()
    return payment


def _require_not_before(payment: Payment, value_date: date) -> None:
    if value_date < payment.recorded.value_date:
        raise refusals.before_its_payment()


def _require_free(payment: Payment, amount: Decimal, excess: Decimal = ZERO) -> None:
    if amount > payment.free:
        raise refusals.payment_spent(payment.free, excess)


def _without(allocated: Mapping[str, Decimal], invoice_id: str) -> Mapping[str, Decimal]:
    return {other: amount for other, amount in allocated.items() if other != invoice_id}
