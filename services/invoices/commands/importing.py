"""What callers ask about many documents at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.invoices.commands.customers import RegisterCustomer
from services.invoices.domain.document.content import Content, Preceding
from shared.contracts.errors import PublicError


@dataclass(frozen=True, slots=True)
class Keyed:
    """An earlier document (BG-3) that is imported: what it is called here follows from its key."""

    key: str


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A document to be issued, once for each key."""

    key: str
    customer: str
    """The key of one of the batch's customers."""
    content: Content
    """With an empty customer id, which follows from the customer's key, and without earlier documents."""
    earlier: tuple[Preceding | Keyed, ...] = ()
    """BG-3."""


@dataclass(frozen=True, slots=True)
class ImportDocuments:
    """Issue documents that are complete, and register whom they go to."""

    customers: Mapping[str, RegisterCustomer | PublicError]
    """By their keys; an error where the particulars are malformed."""
    documents: Sequence[ImportedDocument | PublicError]
    dry_run: bool = False
    mail: bool = True
    """False: what this command issues is never mailed; what was issued before stays as it was."""
