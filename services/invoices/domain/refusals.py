"""Every refusal of the domain, in one place: a public code and a sentence without personal content."""

from collections.abc import Sequence
from datetime import date

from services.invoices.domain.document.credit import Left
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


def item_unknown() -> PublicError:
    """Refuse an id that is no item of this tenant."""
    return PublicError(ErrorCode.ITEM_UNKNOWN, "This business has no such item.")


def item_retired() -> PublicError:
    """Refuse to go on with an item that was retired."""
    return PublicError(ErrorCode.ITEM_RETIRED, "This item is retired: register another with register_item.")


def item_invalid(field: str, reason: str) -> PublicError:
    """Refuse an item that no line could name."""
    return PublicError(ErrorCode.ITEM_INVALID, reason, {"field": field})


def encryption_refused(field: str, reason: str, *, within: str | None = None) -> PublicError:
    """Refuse a key that nothing could be encrypted to; `within` names what of the request the field is in."""
    said: dict[str, object] = {field: [reason]}
    fields = said if within is None else {within: said}
    return PublicError(ErrorCode.MALFORMED_REQUEST, "The request is malformed.", {"fields": fields})


def seller_missing() -> PublicError:
    """Refuse to issue before the tenant said who it is: a document names its seller (BR-6)."""
    return PublicError(ErrorCode.SELLER_MISSING, "Configure the seller before issuing invoices.")


def small_business_charges_no_vat() -> PublicError:
    """Refuse VAT of a seller who charges none: whoever writes it on an invoice owes it (2006/112/EC, article 203)."""
    return document_invalid(
        "lines", "The seller is a small business and charges no VAT: use category E, with the reason as an exemption."
    )


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


def credited_is_no_invoice() -> PublicError:
    """Refuse to credit what nobody owes: a draft, or a credit note."""
    return PublicError(
        ErrorCode.NOT_CREDITABLE,
        "Only an issued invoice is credited: change or discard a draft; of a credit note issue a new invoice.",
    )


def credit_note_for_another() -> PublicError:
    """Refuse a credit note that goes elsewhere than the invoice that it names."""
    return PublicError(
        ErrorCode.NOT_CREDITABLE,
        "A credit note has the customer and the currency of the invoice that it names: make it with credit_invoice.",
    )


def credits_several() -> PublicError:
    """Refuse a credit note that names several invoices: nobody could tell what is taken back of each."""
    return document_invalid("preceding", "A credit note names one invoice of this business: make one for each.")


def number_is_ours(index: int) -> PublicError:
    """Refuse one of our own documents without its id: by the id it is found and compared, and seen to be ours."""
    return document_invalid(
        f"preceding.{index}.number",
        "This business issued a document of that number: name its `invoice_id` as well (an import: the `key` under"
        " which it was imported, alone), or use credit_invoice.",
    )


def number_may_be_ours(index: int, series: str) -> PublicError:
    """Refuse a number that our own series will give: it would come to name another document than was meant."""
    return document_invalid(
        f"preceding.{index}.number",
        f"No document here has that number yet, but series {series} can give it: if it is imported too, name its `key`"
        f" alone; if it stays in another system, configure another pattern for {series}, or a first number above it,"
        " before you name it.",
    )


def not_imported(index: int) -> PublicError:
    """Refuse to name a key under which nothing is issued."""
    return document_invalid(
        f"preceding.{index}.key",
        "No document is imported under this key, or it stands further down: import that first, with the same name.",
    )


def credited_too_much(left: Left) -> PublicError:
    """Refuse to take back more than was invoiced, in sum or of a VAT category and rate."""
    return PublicError(
        ErrorCode.CREDIT_EXCEEDS_INVOICE,
        "More would be credited than was invoiced: `details` says what is left, in all and by VAT category and rate;"
        " lower the quantities or prices of the credit note.",
        {
            "gross": str(left.gross),
            "left": [
                {"category": part.category.value, "rate": f"{part.rate:f}", "taxable_amount": str(part.taxable_amount)}
                for part in left.parts
            ],
        },
    )


def credited_line_unknown(index: int) -> PublicError:
    """Refuse to credit a line that the invoice has not, or more of it than it sold."""
    return line_invalid(index, "quantity", "The invoice has no such line, or sold less of it.")


def not_issued() -> PublicError:
    """Refuse to show the document of a draft: it has none."""
    return PublicError(ErrorCode.INVOICE_NOT_ISSUED, "This invoice is still a draft: it has no document.")


def document_pending() -> PublicError:
    """Say that an issued document is not drawn yet."""
    return PublicError(ErrorCode.DOCUMENT_PENDING, "The document is being drawn: ask again in a moment.")


def document_not_archived(why: str, attempts: int, retry_at: str) -> PublicError:
    """Say that an issued document could not be drawn, and what can be done about it."""
    sentence = (
        "The document could not be archived: it is tried again by itself. The operator sees why"
        " (`tallystick operations halts`); where what it says is the reason, credit it and issue another."
    )
    details: dict[str, object] = {"failed": why, "attempts": attempts, "retry_at": retry_at}
    return PublicError(ErrorCode.DOCUMENT_PENDING, sentence, details)


def document_unknown() -> PublicError:
    """Report a document that the log names and the store lacks."""
    return PublicError(ErrorCode.DOCUMENT_UNKNOWN, "The document of this invoice is not in the store.")


def file_refused(reason: str) -> PublicError:
    """Refuse a file whose bytes are not what it is said to be, or that nobody should be sent."""
    return PublicError(ErrorCode.FILE_REFUSED, reason)


def attachment_unknown() -> PublicError:
    """Refuse a file that the document does not name, or that the store lacks."""
    return PublicError(ErrorCode.ATTACHMENT_UNKNOWN, "This document has no such attachment.")


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


def year_not_numbered() -> PublicError:
    """Refuse an issue date whose fiscal year two digits cannot say."""
    return PublicError(
        ErrorCode.ISSUE_DATE_INVALID, "This series writes years with two digits: it numbers those from 2000 to 2099."
    )


def series_unknown() -> PublicError:
    """Refuse a series that the business has not configured."""
    return PublicError(ErrorCode.SERIES_UNKNOWN, "This business has no such series of numbers.")


def series_invalid(field: str, reason: str) -> PublicError:
    """Refuse a series that cannot number anything."""
    return PublicError(ErrorCode.SERIES_INVALID, reason, {"field": field})


def series_collides(series: str, pattern: str) -> PublicError:
    """Refuse a pattern that could give a number that another one gave or may give."""
    return PublicError(
        ErrorCode.SERIES_COLLIDES,
        f"It could give a number that {pattern} of series {series} gives as well.",
        {"series": series, "pattern": pattern},
    )


def series_in_use() -> PublicError:
    """Refuse another first number where numbers were given: there would be a gap, or one of them twice."""
    return PublicError(ErrorCode.SERIES_IN_USE, "Numbers were given already: the first one stands.")


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


def position_unknown() -> PublicError:
    """Refuse to answer as of a position that the log has not reached."""
    return PublicError(ErrorCode.POSITION_UNKNOWN, "The log has no such position yet.")
