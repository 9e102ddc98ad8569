"""What callers ask about invoices and credit notes.

`expected_version`: the version of the document that somebody read before they decided; None: nobody read it.
"""

from dataclasses import dataclass

from services.invoices.domain.crediting import CreditedLine
from services.invoices.domain.document.content import Content


@dataclass(frozen=True, slots=True)
class DraftInvoice:
    """Write a document that can be issued later."""

    content: Content


@dataclass(frozen=True, slots=True)
class ChangeDraft:
    """Have a draft say something else: all of it."""

    invoice_id: str
    expected_version: int
    content: Content


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    """Give up a draft."""

    invoice_id: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class DuplicateInvoice:
    """Write a draft that says what another document says, as of today."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    """Give a draft its number and its final form."""

    invoice_id: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class CreditInvoice:
    """Write the draft of a credit note of an issued invoice."""

    invoice_id: str
    lines: tuple[CreditedLine, ...] | None = None
    """None: of all that is left of it."""
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReplaceInvoice:
    """Write a credit note of all of an invoice, and the draft of one that takes its place."""

    invoice_id: str
    expected_version: int | None = None
