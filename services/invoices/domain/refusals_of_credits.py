"""Refusals of credit notes and of what documents name: a public code and a sentence without personal content."""

from services.invoices.domain.document.credit import Left
from services.invoices.domain.refusals import document_invalid, line_invalid
from shared.contracts.errors import ErrorCode, PublicError


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
