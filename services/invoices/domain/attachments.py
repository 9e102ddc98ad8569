"""Supporting documents (BG-24): files are uploaded for one customer, then drafts to that customer name them.

Only what was uploaded for the very customer is attached: a digest is no secret, and whoever names one they saw
somewhere must not get another customer's file, or document, embedded in a document of their own.
"""

from collections.abc import Iterable, Mapping, Sequence

from services.invoices.domain import refusals
from services.invoices.domain.document.content import Attachment
from services.invoices.domain.events import AttachmentUploaded, Event

MAX_ATTACHMENTS = 5 * 1024 * 1024
"""Bytes of all files of a document, which holds them in base64: far below what the broker and mailboxes take."""


def fold_attachments(events: Iterable[Event]) -> Mapping[str, AttachmentUploaded]:
    """Return a customer's files by digest; TypeError for an event that tells of none."""
    uploaded: dict[str, AttachmentUploaded] = {}
    for event in events:
        if not isinstance(event, AttachmentUploaded):
            raise TypeError(f"{type(event).__name__} does not belong to a customer's files")
        uploaded[event.digest] = event
    return uploaded


def require_uploaded(attachments: Sequence[Attachment], uploaded: Mapping[str, AttachmentUploaded]) -> None:
    """Refuse what was not uploaded for the customer, as another kind of file, or too large together.

    Raises PublicError document_invalid.
    """
    size = 0
    for index, each in enumerate(attachments):
        file = uploaded.get(each.digest)
        if file is None:
            raise refusals.document_invalid(
                f"attachments.{index}.digest", "No such file of this customer: upload it first with upload_attachment."
            )
        if file.media_type != each.media_type:
            raise refusals.document_invalid(
                f"attachments.{index}.media_type", f"This file was uploaded as {file.media_type}."
            )
        size += file.size
    if size > MAX_ATTACHMENTS:
        raise refusals.document_invalid(
            "attachments", f"All files of a document together have at most {MAX_ATTACHMENTS} bytes."
        )
