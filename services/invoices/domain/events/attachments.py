"""What can happen to the files that go with documents."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttachmentUploaded:
    """A file was stored for documents to a customer; the log entry binds its bytes by their digest."""

    customer_id: str
    digest: str
    """SHA-256 of the content, hex."""
    media_type: str
    """What it was recognised as."""
    size: int
    """In bytes."""
