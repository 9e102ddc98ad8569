"""Refusals about payments, what is owed, and plans: a public code and a sentence without personal content."""

from collections.abc import Sequence
from decimal import Decimal

from shared.contracts.errors import ErrorCode, PublicError


def payment_unknown() -> PublicError:
    """Refuse an id that is no payment of this tenant."""
    return PublicError(ErrorCode.PAYMENT_UNKNOWN, "This business has no such payment.")


def payment_reversed() -> PublicError:
    """Refuse to do anything with money that the bank took back."""
    return PublicError(ErrorCode.PAYMENT_REVERSED, "The bank took this payment back.")


def payment_spent(free: Decimal, excess: Decimal) -> PublicError:
    """Refuse to give out more of a payment than is free; say what of it invoices have beyond what they are owed."""
    words = f"Only {free} of this payment is free."
    details: dict[str, object] = {"free": str(free)}
    if excess:
        words += f" {excess} is allocated beyond what is owed: undo_allocation makes it free."
        details["excess"] = str(excess)
    return PublicError(ErrorCode.PAYMENT_SPENT, words, details)


def not_refundable() -> PublicError:
    """Refuse to refund a document of which no money is free by itself."""
    return PublicError(
        ErrorCode.NOT_REFUNDABLE,
        "Only a credit note that names no invoice is refunded itself: of any other document, refund the payment with"
        " refund_payment, after undo_allocation.",
    )


def credit_note_spent(free: Decimal) -> PublicError:
    """Refuse to refund more than a credit note gives."""
    words = f"Only {free} of this credit note is left to be refunded."
    return PublicError(ErrorCode.CREDIT_NOTE_SPENT, words, {"free": str(free)})


def not_payable(currency: str) -> PublicError:
    """Refuse an amount with fractions that a currency has not."""
    words = f"{currency} has no such fractions (ISO 4217)."
    return PublicError(ErrorCode.MALFORMED_REQUEST, words, {"fields": {"amount": [words]}})


def payer_differs() -> PublicError:
    """Refuse to set one customer's money against another one's invoice."""
    return PublicError(ErrorCode.PAYER_DIFFERS, "The payment was recorded for another customer than the invoice's.")


def currency_differs() -> PublicError:
    """Refuse to set money against an invoice in another currency."""
    return PublicError(ErrorCode.CURRENCY_DIFFERS, "Payment and invoice are in different currencies.")


def nothing_owed() -> PublicError:
    """Refuse to pay or write off what is settled, or a credit note."""
    return PublicError(ErrorCode.NOTHING_OWED, "Nothing is owed on this document.")


def more_than_owed(owed: Decimal) -> PublicError:
    """Refuse to set more against an invoice than is owed."""
    return PublicError(ErrorCode.MORE_THAN_OWED, f"Only {owed} is owed on this invoice.", {"owed": str(owed)})


def allocation_unknown() -> PublicError:
    """Refuse to undo what was not done."""
    return PublicError(ErrorCode.ALLOCATION_UNKNOWN, "Nothing of this payment is allocated to this invoice.")


def bank_line_differs(fields: Sequence[str]) -> PublicError:
    """Refuse a line of a bank statement that was imported before, with other content; say in which fields."""
    words = "A bank line of this name was recorded with other content."
    return PublicError(ErrorCode.BANK_LINE_DIFFERS, words, {"fields": list(fields)})


def value_date_invalid() -> PublicError:
    """Refuse a value date that can only be a slip."""
    return PublicError(
        ErrorCode.VALUE_DATE_INVALID, "The value date is from before 1990, or more than a year in the future."
    )


def before_its_payment() -> PublicError:
    """Refuse a refund or reversal of money that had not arrived by then."""
    return PublicError(ErrorCode.VALUE_DATE_INVALID, "The value date is before that of the payment.")


def nothing_written_off() -> PublicError:
    """Refuse to take back a write-off that there is not."""
    return PublicError(ErrorCode.NOTHING_WRITTEN_OFF, "Nothing of this invoice is written off.")


def plan_unknown() -> PublicError:
    """Refuse an id that is no plan of this tenant."""
    return PublicError(ErrorCode.PLAN_UNKNOWN, "This business has no such plan.")


def plan_not_running() -> PublicError:
    """Refuse to pause what is paused, or to change what has ended."""
    return PublicError(ErrorCode.PLAN_NOT_RUNNING, "This plan does not run.")


def plan_not_paused() -> PublicError:
    """Refuse to resume what was not paused."""
    return PublicError(ErrorCode.PLAN_NOT_PAUSED, "This plan is not paused.")
