"""Mails written down as RFC 5322 with MIME.

The older of the standard library's two interfaces is used on purpose: the newer one (`EmailMessage`) loses the quotes
around a long display name when it folds the line, so that a comma in a customer's name would start a second recipient.
Here every name and subject is an encoded word (RFC 2047), in which nothing means anything but itself.
"""

from collections.abc import Iterable
from datetime import datetime
from email.charset import BASE64, Charset
from email.encoders import encode_base64
from email.header import Header
from email.headerregistry import Address
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from typing import Final

from services.notifier.domain.mail import Attachment, Mail, MailRefused, Message, one_line, plain_file_name
from shared.crypto.age import RecipientInvalid, encrypt_to
from shared.crypto.smime import CertificateRefused, enveloped

_UTF8: Final = Charset("utf-8")
_UTF8.header_encoding = BASE64
_WIRE: Final = compat32.clone(linesep="\r\n")
_AGE: Final = "application/octet-stream"
_ENCRYPTED: Final = "Encrypted message"
"""For all to read, as servers on the way do: neither who writes nor what it is about."""
_HOW_TO_OPEN: Final = "The files are encrypted to your age key. Open each with: age --decrypt --identity KEYFILE FILE\n"


def write_message(mail: Mail, sender: Address, moment: datetime) -> Message:
    """Write a mail, encrypted where its recipient has a key. `moment` becomes its Date. Raises MailRefused.

    What cannot be encrypted is refused: a mail that should be is never written in the open.
    """
    try:
        message, subject = _body(mail)
        message["From"] = _mailbox("From", sender.display_name, sender.addr_spec)
        message["To"] = _mailbox("To", mail.recipient_name, mail.recipient)
        message["Subject"] = Header(one_line(subject), _UTF8, header_name="Subject").encode()
        message["Date"] = format_datetime(moment)
        message["Message-ID"] = mail.message_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
        content = message.as_bytes()
    except UnicodeError:  # half of a surrogate pair: nothing that can be written down
        raise MailRefused("mail_not_expressible") from None
    except (CertificateRefused, RecipientInvalid):
        raise MailRefused("mail_not_encryptable") from None
    return Message(mail.recipient, content)


def _body(mail: Mail) -> tuple[MIMEBase, str]:
    """Return what a mail says and carries, and what its subject may tell everybody."""
    if mail.certificate is not None:
        return _enveloped(_open(mail.text, mail.attachments), mail.certificate), _ENCRYPTED
    if mail.age_recipient is not None:
        return _open(_HOW_TO_OPEN, [_aged(each, mail.age_recipient) for each in mail.attachments]), _ENCRYPTED
    return _open(mail.text, mail.attachments), mail.subject


def _open(text: str, attachments: Iterable[Attachment]) -> MIMEMultipart:
    body = MIMEMultipart("mixed", policy=_WIRE)
    body.attach(MIMEText("".join(f"{line}\r\n" for line in text.splitlines()), "plain", "utf-8"))
    for attachment in attachments:
        body.attach(_part(attachment))
    return body


def _enveloped(body: MIMEMultipart, certificate: str) -> MIMEBase:
    """Encrypt all of a mail (RFC 8551, 3.3)."""
    part = MIMEBase("application", "pkcs7-mime", policy=_WIRE, smime_type="enveloped-data", name="smime.p7m")
    part.set_payload(enveloped(certificate, body.as_bytes()))
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename="smime.p7m")
    return part


def _aged(attachment: Attachment, recipient: str) -> Attachment:
    """Encrypt a file; its name tells what kind of file it is and no number."""
    ending = plain_file_name(attachment.file_name).rpartition(".")[2]
    return Attachment(f"document.{ending}.age", _AGE, encrypt_to([recipient], attachment.content))


def _mailbox(header: str, name: str, address: str) -> str:
    word = Header(one_line(name), _UTF8, header_name=header).encode()
    return f"{word} <{address}>" if word else address


def _part(attachment: Attachment) -> MIMEBase:
    part = MIMEBase(*attachment.media_type.split("/"))
    part.set_payload(attachment.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", plain_file_name(attachment.file_name)))
    return part
