"""What callers ask about the files that go with documents."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class UploadAttachment:
    """Store a file for documents to a customer."""

    customer_id: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetLogo:
    """Show this picture on documents from now on."""

    content: bytes = field(repr=False)
