"""What a mail consists of, before anything is said about how it is sent."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

# The dot-atom of RFC 5322 3.2.3 and a host name: an address that is matched cannot become two addresses, a header or
# an SMTP command. Quoted local parts and non-ASCII ones (RFC 6531) are not served.
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 253


class MailRefused(Exception):
    """Something that cannot become a mail however often it is tried; the code says why and holds no content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail. Its representation shows nothing of it."""

    file_name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a kind that could not be written into a header."""
        if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", self.media_type):
            raise MailRefused("media_type_invalid")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, with or without files. Its representation shows nothing: all of it is the recipient's."""

    message_id: str
    """The same for every attempt, so that a recipient's server can recognise a repetition."""
    recipient: str = field(repr=False)
    """As on the wire (`wire_address`)."""
    recipient_name: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    attachments: tuple[Attachment, ...] = ()
    """A document comes first; after it the proof with which the customer can check offline that the log holds it."""
    certificate: str | None = field(default=None, repr=False)
    """An S/MIME certificate (PEM): all of the mail but its headers is encrypted to it."""
    age_recipient: str | None = field(default=None, repr=False)
    """Without a certificate, every file is encrypted to this, and the text is left out."""

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the document, or of the text of a mail that has none."""
        content = self.attachments[0].content if self.attachments else self.text.encode("utf-8", "surrogatepass")
        return hashlib.sha256(content).hexdigest()

    def __post_init__(self) -> None:
        """Refuse what could not be sent."""
        if wire_address(self.recipient) != self.recipient:
            raise MailRefused("address_invalid")


@dataclass(frozen=True, slots=True)
class Message:
    """A mail as it goes over the wire."""

    recipient: str = field(repr=False)
    content: bytes = field(repr=False)
    """RFC 5322 with MIME, lines ending in CRLF."""


def wire_address(address: str) -> str:
    """Return an address as it goes over the wire, the domain in ASCII (IDNA); raises MailRefused for anything else."""
    local, _, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise MailRefused("address_invalid") from None
    if _LOCAL.fullmatch(local) is None or _DOMAIN.fullmatch(domain) is None:
        raise MailRefused("address_invalid")
    if len(local) > _LONGEST_LOCAL or len(domain) > _LONGEST_DOMAIN:
        raise MailRefused("address_invalid")
    return f"{local}@{domain}"


def one_line(text: str) -> str:
    """Make a text safe for a header: control characters and line breaks of any kind become single spaces."""
    kept = "".join(" " if unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} else each for each in text)
    return " ".join(kept.split())


def plain_file_name(text: str) -> str:
    """Make a name safe for whoever saves it: one line, no folders, not hidden."""
    return one_line(re.sub(r"[/\\]", "-", text)).lstrip(".") or "document"


def message_id(event_id: str, domain: str) -> str:
    """Return the Message-ID (RFC 5322 3.6.4) of the mail about an event, always the same."""
    return f"<{event_id}@{domain}>"


def check_digest(content: bytes, digest: str) -> None:
    """Raise MailRefused when the document is not the one that the log binds by its SHA-256."""
    if hashlib.sha256(content).hexdigest() != digest:
        raise MailRefused("digest_mismatch")
