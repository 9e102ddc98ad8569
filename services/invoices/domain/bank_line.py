"""A line of a bank statement: what it is called, and what is compared when it is imported once more."""

import unicodedata
from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal

from services.invoices.domain import refusals_of_payments as refusals
from services.invoices.domain.events.payments import PaymentAllocated, PaymentRecorded

_OWN = "payment_id"
"""What the recording gave it: the only field that no bank, and no caller, said."""

Share = tuple[str, Decimal]
"""An invoice's id and how much of the payment is for it."""


def line_name(external_id: str) -> str:
    """Return a line's name as it is compared and recorded: compatibility forms and white space make no difference.

    Case does: banks number entries in both.
    """
    return " ".join(unicodedata.normalize("NFKC", external_id).split())


def require_same_line(
    before: PaymentRecorded, allocated: Iterable[PaymentAllocated], now: PaymentRecorded, asked: Iterable[Share]
) -> None:
    """Return when a line says what it said before, allocations included; PublicError bank_line_differs, with what."""
    differing = [name for name in _COMPARED if _said(getattr(before, name)) != _said(getattr(now, name))]
    if sorted((each.invoice_id, each.amount) for each in allocated) != sorted(asked):
        differing.append("allocations")
    if differing:
        raise refusals.bank_line_differs(differing)


_COMPARED = tuple(field.name for field in fields(PaymentRecorded) if field.name != _OWN)


def _said(value: object) -> object:
    """Return what a field says: exports of the same line may break and pad their texts differently."""
    return line_name(value) if isinstance(value, str) else value
