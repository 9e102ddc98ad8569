"""Refusals about quotes: a public code and a sentence without personal content."""

from datetime import date

from services.invoices.domain import refusals
from shared.contracts.errors import ErrorCode, PublicError


def quote_unknown() -> PublicError:
    """Refuse an id that is no quote of this tenant."""
    return PublicError(ErrorCode.QUOTE_UNKNOWN, "This business has no such quote.")


def quote_closed() -> PublicError:
    """Refuse to change, extend or answer what the customer answered already."""
    return PublicError(
        ErrorCode.QUOTE_CLOSED, "This quote was accepted or declined, and stands: offer something else with make_quote."
    )


def quote_expired(until: date) -> PublicError:
    """Refuse to accept an offer that was over by then."""
    return PublicError(
        ErrorCode.QUOTE_EXPIRED,
        f"This quote was valid until {until.isoformat()}: extend_quote makes it valid for longer.",
        {"until": until.isoformat()},
    )


def quote_date_invalid(field: str, reason: str) -> PublicError:
    """Refuse a day on which nothing can have been accepted, or an offer end."""
    return PublicError(ErrorCode.QUOTE_DATE_INVALID, reason, {"field": field})


def quote_not_accepted() -> PublicError:
    """Refuse to invoice what nobody has ordered."""
    return PublicError(ErrorCode.QUOTE_NOT_ACCEPTED, "Only what the customer accepted is invoiced: accept_quote first.")


def quote_invoiced(invoice_id: str) -> PublicError:
    """Refuse a second final invoice, or a deposit after it."""
    return PublicError(
        ErrorCode.QUOTE_INVOICED,
        "The final invoice of this quote is there already: discard its draft, or correct it with replace_invoice.",
        {"invoice_id": invoice_id},
    )


def deposit_unsettled(invoice_id: str) -> PublicError:
    """Refuse a final invoice as long as it is open what a deposit came to."""
    return PublicError(
        ErrorCode.DEPOSIT_UNSETTLED,
        "A deposit is deducted when it is paid in full: record its payment, or discard its draft, or credit all of it.",
        {"invoice_id": invoice_id},
    )


def credited_deposit_deducted(invoice_id: str) -> PublicError:
    """Refuse a final invoice that deducts what a credit note took back."""
    return PublicError(
        ErrorCode.DEPOSIT_UNSETTLED,
        "It deducts a deposit that was credited: discard this draft, and ask for another with invoice_quote.",
        {"invoice_id": invoice_id},
    )


def deposit_deducted(invoice_id: str) -> PublicError:
    """Refuse to credit a deposit as long as a final invoice deducts it."""
    return PublicError(
        ErrorCode.NOT_CREDITABLE,
        "The final invoice deducts this deposit: credit all of the final invoice first.",
        {"invoice_id": invoice_id},
    )


def not_of_quote(field: str) -> PublicError:
    """Refuse to issue a draft that was changed so that it is no invoice of its quote any more."""
    return refusals.document_invalid(
        field, "Of this quote that is not issued: discard this draft, and ask for another with invoice_quote."
    )


def deposit_exceeds_quote() -> PublicError:
    """Refuse deposits that come to more than what was accepted, in sum or of a VAT category and rate."""
    return PublicError(
        ErrorCode.DEPOSIT_EXCEEDS_QUOTE,
        "The deposits would come to more than the quote, in all or of a VAT rate: ask for less, or credit one of them.",
    )
