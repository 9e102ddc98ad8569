"""Refusals about what is drawn, stored and attached: a public code and a sentence without personal content."""

from shared.contracts.errors import ErrorCode, PublicError


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
