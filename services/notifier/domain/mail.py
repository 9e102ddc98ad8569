"""What a mail consists of, before anything is said about how it is sent."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

# One "@", no white space, no control or angle characters. What a server makes of the rest is the server's business;
# what matters here is that an address cannot become two addresses, or a header, or an SMTP command.
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\\\"()\[\]]{1,64}@[^\s@<>,;:\\\"()\[\]]{1,253}")


class MailRefused(Exception):
    """A document that cannot become a mail however often it is tried; the code says why and holds no content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with one attachment. Its representation shows nothing: recipient and content are the customer's."""

    message_id: str
    """The same for every attempt, so that a recipient's server can recognise a repetition."""
    recipient: str = field(repr=False)
    recipient_name: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    file_name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what could not be sent."""
        check_address(self.recipient)
        if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", self.media_type):
            raise MailRefused("media_type_invalid")


def check_address(address: str) -> None:
    """Raise MailRefused unless `address` is one plain address without characters that mean something elsewhere."""
    printable = all(unicodedata.category(each)[0] != "C" for each in address)
    if not printable or _ADDRESS.fullmatch(address) is None:
        raise MailRefused("address_invalid")


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
