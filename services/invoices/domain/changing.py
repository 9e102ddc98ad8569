"""What can still be done with a draft, and how a new one is made of any document."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.invoices.domain import refusals
from services.invoices.domain.document.content import Content, DocumentType, Preceding
from services.invoices.domain.events import DraftChanged, DraftDiscarded
from services.invoices.domain.invoice import Invoice, require_content, require_draft


def require_version(version: int, expected: int | None) -> None:
    """Refuse when a document is not as it was read; PublicError concurrent_change. None: it was not read."""
    if expected is not None and expected != version:
        raise refusals.draft_changed()


def require_unchanged(draft: Invoice, version: int, expected: int | None) -> None:
    """Refuse what is no draft any more, and then one that is not as it was read.

    In this order: who is told only that it changed would read it again, and try again, for nothing. Raises PublicError
    invoice_already_issued, invoice_discarded, concurrent_change.
    """
    require_draft(draft)
    require_version(version, expected)


def decide_change(invoice: Invoice | None, content: Content, *, today: date) -> DraftChanged:
    """Decide to have a draft say something else.

    Raises PublicError invoice_unknown, invoice_already_issued, invoice_discarded, and as `decide_draft`.
    """
    draft = require_draft(invoice).draft
    if content.customer_id != draft.content.customer_id:
        # All of a stream is sealed with the key of one customer: forgetting them takes all of it, and nobody else's.
        raise refusals.draft_of_another_customer()
    require_content(content, today)
    return DraftChanged(draft.invoice_id, content)


def decide_discard(invoice: Invoice | None) -> DraftDiscarded:
    """Decide that a draft will never be issued.

    Raises PublicError invoice_unknown, invoice_already_issued, invoice_discarded.
    """
    return DraftDiscarded(require_draft(invoice).draft.invoice_id)


def deducted_in(content: Content) -> tuple[Preceding, ...]:
    """Return the earlier documents that an invoice deducts: those by whose number a line of it is named."""
    if content.document_type is not DocumentType.INVOICE:
        return ()
    named = {line.name for line in content.lines}
    return tuple(earlier for earlier in content.preceding if earlier.number in named)


def copy_of(content: Content, *, today: date) -> Content:
    """Return the same once more, of today: without what belongs to the one document alone.

    That is: references to earlier documents, orders and other systems, what was paid, the day's exchange rate, a due
    date of its own, and attachments; so are the lines that deduct deposits, as each is deducted once.
    """
    deposits = {earlier.number for earlier in deducted_in(content)}
    delivery = content.delivery
    if delivery is not None and delivery.day is not None:
        delivery = replace(delivery, day=today)
    return replace(
        content,
        issue_date=today,
        due_date=None,
        tax_point_date=None,
        delivery=delivery,
        lines=tuple(replace(line, order_line=None) for line in content.lines if line.name not in deposits),
        prepaid=Decimal("0.00"),
        exchange_rate=None,
        preceding=(),
        order_reference=None,
        external_reference=None,
        attachments=(),
    )
