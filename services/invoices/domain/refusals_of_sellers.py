"""Refusals about the business itself: a public code and a sentence without personal content."""

from services.invoices.domain.refusals import document_invalid
from shared.contracts.errors import ErrorCode, PublicError


def seller_missing() -> PublicError:
    """Refuse to issue before the tenant said who it is: a document names its seller (BR-6)."""
    return PublicError(ErrorCode.SELLER_MISSING, "Configure the seller before issuing invoices.")


def small_business_charges_no_vat() -> PublicError:
    """Refuse VAT of a seller who charges none: whoever writes it on an invoice owes it (2006/112/EC, article 203)."""
    return document_invalid(
        "lines", "The seller is a small business and charges no VAT: use category E, with the reason as an exemption."
    )


def account_change_needs_two() -> PublicError:
    """Refuse to change the bank account on one person's word."""
    return PublicError(
        ErrorCode.SECOND_PERSON_NEEDED,
        "Another account needs a second person: ask for it with request_bank_account_change.",
    )


def account_is_the_same() -> PublicError:
    """Refuse to ask for the account that the business has."""
    return PublicError(
        ErrorCode.MALFORMED_REQUEST,
        "The request is malformed.",
        {"fields": {"iban": ["This is the account already."]}},
    )
