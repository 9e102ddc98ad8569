"""Mails written down as RFC 5322 with MIME.

The older of the standard library's two interfaces is used on purpose: the newer one (`EmailMessage`) loses the quotes
around a long display name when it folds the line, so that a comma in a customer's name would start a second recipient.
Here every name and subject is an encoded word (RFC 2047), in which nothing means anything but itself.
"""

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

_UTF8: Final = Charset("utf-8")
_UTF8.header_encoding = BASE64
_WIRE: Final = compat32.clone(linesep="\r\n")


def write_message(mail: Mail, sender: Address, moment: datetime) -> Message:
    """Write a mail: a text, and the files that go with it. `moment` becomes its Date. Raises MailRefused."""
    message = MIMEMultipart("mixed", policy=_WIRE)
    try:
        message["From"] = _mailbox("From", sender.display_name, sender.addr_spec)
        message["To"] = _mailbox("To", mail.recipient_name, mail.recipient)
        message["Subject"] = Header(one_line(mail.subject), _UTF8, header_name="Subject").encode()
        message["Date"] = format_datetime(moment)
        message["Message-ID"] = mail.message_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
        message.attach(MIMEText("".join(f"{line}\r\n" for line in mail.text.splitlines()), "plain", "utf-8"))
        for attachment in mail.attachments:
            message.attach(_part(attachment))
        content = message.as_bytes()
    except UnicodeError:  # half of a surrogate pair: nothing that can be written down
        raise MailRefused("mail_not_expressible") from None
    return Message(mail.recipient, content)


def _mailbox(header: str, name: str, address: str) -> str:
    word = Header(one_line(name), _UTF8, header_name=header).encode()
    return f"{word} <{address}>" if word else address


def _part(attachment: Attachment) -> MIMEBase:
    part = MIMEBase(*attachment.media_type.split("/"))
    part.set_payload(attachment.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", plain_file_name(attachment.file_name)))
    return part
