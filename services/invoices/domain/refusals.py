"""Refusals of documents, customers and lists: a public code and a sentence without personal content.

Those of a topic of its own are beside this, in `refusals_of_<topic>`.
"""

from collections.abc import Sequence
from datetime import date

from services.invoices.domain.document.rule import BrokenRule
from shared.contracts.errors import ErrorCode, PublicError


def line_invalid(index: int, field: str, reason: str) -> PublicError:
    """Refuse line `index` (from 0)."""
    return PublicError(ErrorCode.LINE_INVALID, f"Line {index + 1}: {reason}", {"line": index, "field": field})


def document_invalid(field: str, reason: str) -> PublicError:
    """Refuse what a document says beside its lines; `field` is a path, e.g. `adjustments.0.vat_rate`."""
    return PublicError(ErrorCode.DOCUMENT_INVALID, reason, {"field": field})


def invoice_empty() -> PublicError:
    """Refuse an invoice without lines (BR-16)."""
    return PublicError(ErrorCode.INVOICE_EMPTY, "An invoice needs at least one line.")


def invoice_unknown() -> PublicError:
    """Refuse an id that is no invoice of this tenant."""
    return PublicError(ErrorCode.INVOICE_UNKNOWN, "This business has no such invoice.")


def customer_unknown() -> PublicError:
    """Refuse an id that is no customer of this tenant."""
    return PublicError(ErrorCode.CUSTOMER_UNKNOWN, "This business has no such customer.")


def export_invalid() -> PublicError:
    """Refuse to go on with an export that is not this session's, or not any more."""
    return PublicError(ErrorCode.EXPORT_INVALID, "This export is unknown, expired or of another session.")


def customer_not_in_batch() -> PublicError:
    """Refuse an imported document whose customer the batch does not hold."""
    return PublicError(
        ErrorCode.MALFORMED_REQUEST,
        "The request is malformed.",
        {"fields": {"customer": ["Not a key of one of the batch's customers."]}},
    )


def imported_otherwise() -> PublicError:
    """Refuse an imported document or customer whose key was used for another."""
    return PublicError(ErrorCode.IDEMPOTENCY_CONFLICT, "This idempotency key was used for a different request.")


def encryption_refused(field: str, reason: str, *, within: str | None = None) -> PublicError:
    """Refuse a key that nothing could be encrypted to; `within` names what of the request the field is in."""
    said: dict[str, object] = {field: [reason]}
    fields = said if within is None else {within: said}
    return PublicError(ErrorCode.MALFORMED_REQUEST, "The request is malformed.", {"fields": fields})


def already_issued() -> PublicError:
    """Refuse to change what is issued: it is corrected by a credit note, never changed."""
    return PublicError(
        ErrorCode.INVOICE_ALREADY_ISSUED,
        "This document is issued and never changes: correct it with credit_invoice or replace_invoice.",
    )


def draft_discarded() -> PublicError:
    """Refuse to go on with a draft that was discarded."""
    return PublicError(
        ErrorCode.INVOICE_DISCARDED, "This draft was discarded: make a new one of it with duplicate_invoice."
    )


def draft_changed() -> PublicError:
    """Refuse what somebody decided who read another version than there is now."""
    return PublicError(
        ErrorCode.CONCURRENT_CHANGE, "Somebody changed this since you read it: read it again, then decide again."
    )


def draft_of_another_customer() -> PublicError:
    """Refuse to give a draft to another customer: its events are sealed with one customer's key."""
    return document_invalid(
        "customer_id", "A draft stays with its customer: discard it and draft another for the other customer."
    )


def shredded() -> PublicError:
    """Refuse a command about a customer who was forgotten, from the moment that this was decided."""
    return PublicError(ErrorCode.KEY_SHREDDED, "The key to this was destroyed: nobody can read it any more.")


def retention_runs(until: date) -> PublicError:
    """Refuse to forget a customer whose documents the law makes the business keep."""
    return PublicError(
        ErrorCode.RETENTION_RUNS,
        f"Documents of this customer have to be kept until {until.isoformat()}.",
        {"until": until.isoformat()},
    )


def document_breaks_rule(broken: Sequence[BrokenRule]) -> PublicError:
    """Refuse a document that the official rules refuse; the rules' words quote nothing of it."""
    first, more = broken[0], len(broken) - 1
    return PublicError(
        ErrorCode.DOCUMENT_BREAKS_RULE,
        f"{first.id}: {first.words}" + (f" ({more} more)" if more else ""),
        {"rules": [plain(rule) for rule in broken]},
    )


def plain(rule: BrokenRule) -> dict[str, object]:
    """Return a rule as JSON values."""
    line = {} if rule.line is None else {"line": rule.line}
    return {"id": rule.id, "words": rule.words, "terms": list(rule.terms), **line}


def issue_date_invalid() -> PublicError:
    """Refuse an issue date (BT-2) that can only be a slip."""
    return PublicError(ErrorCode.ISSUE_DATE_INVALID, "The issue date is decades ago or years ahead.")


def page_unknown() -> PublicError:
    """Refuse a page that no answer of the same list and order named."""
    return PublicError(
        ErrorCode.MALFORMED_REQUEST,
        "The request is malformed.",
        {"fields": {"page_after": ["Not the next page of this list and order."]}},
    )


def position_unknown(size: int) -> PublicError:
    """Refuse to answer as of a position that the log, of so many events, has not reached."""
    last = f"its last is {size - 1}" if size else "it is empty"
    return PublicError(ErrorCode.POSITION_UNKNOWN, f"The log has no such position yet: {last}.", {"size": size})
