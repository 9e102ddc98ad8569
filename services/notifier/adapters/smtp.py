"""Mails handed to a server (RFC 5321), one connection each, with care for the moment from which on nobody can tell."""

import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from enum import StrEnum

from services.notifier.adapters.message import write_message
from services.notifier.domain.delivery import Attempt, Stage, meaning
from services.notifier.domain.mail import Mail, Message
from shared.kernel.clock import Clock


class Encryption(StrEnum):
    """How the connection is protected."""

    NONE = "none"
    """Only for a server on the same machine."""
    STARTTLS = "starttls"
    """Required, not tried: a server that does not offer it gets no mail."""
    TLS = "tls"


@dataclass(frozen=True)
class SmtpServer:
    """Where mails go and as whom."""

    host: str
    port: int
    sender: Address
    encryption: Encryption
    trust: ssl.SSLContext | None = None
    """Checks the server's certificate and name; needed unless `encryption` is NONE."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 60
    """Seconds to wait for an answer while nothing is at stake."""
    verdict_timeout: float = 600
    """Seconds to wait for the answer to the content: RFC 5321 4.5.3.2.6 says ten minutes, to avoid second copies."""

    def __post_init__(self) -> None:
        """Refuse combinations that would show the password, or mails, to whoever listens."""
        if self.encryption is not Encryption.NONE and self.trust is None:
            raise ValueError("an encrypted connection needs to know whom to trust")
        if self.encryption is Encryption.NONE and self.user is not None:
            raise ValueError("a password is not sent over a connection that is not encrypted")


@dataclass(frozen=True)
class SmtpTransport:
    """A Transport over SMTP."""

    server: SmtpServer
    clock: Clock

    def prepare(self, mail: Mail) -> Message:
        """Write the mail down; raises MailRefused."""
        return write_message(mail, self.server.sender, self.clock.now())

    def send(self, message: Message) -> Attempt:
        """Try once. Replies are reported by their code only: their text may repeat the recipient's address."""
        stage, reply = Stage.SESSION, None
        try:
            with closing(self._open()) as smtp:
                self._greet(smtp)
                stage = Stage.ENVELOPE
                reply = self._envelope(smtp, message)
                if _accepted(reply):
                    stage, reply = Stage.CONTENT, None
                    reply = self._content(smtp, message)
        except smtplib.SMTPResponseException as refusal:
            reply = refusal.smtp_code
        except (OSError, smtplib.SMTPException):
            reply = None
        return Attempt(meaning(stage, reply), reply)

    def _open(self) -> smtplib.SMTP:
        server = self.server
        # The name that greets is the sender's domain: this machine's own name is nobody's business.
        domain = server.sender.domain
        if server.encryption is Encryption.TLS:
            return smtplib.SMTP_SSL(server.host, server.port, domain, timeout=server.timeout, context=server.trust)
        return smtplib.SMTP(server.host, server.port, domain, timeout=server.timeout)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        if self.server.encryption is Encryption.STARTTLS:
            smtp.starttls(context=self.server.trust)
        smtp.ehlo_or_helo_if_needed()
        if self.server.user is not None:
            smtp.login(self.server.user, self.server.password or "")

    def _envelope(self, smtp: smtplib.SMTP, message: Message) -> int:
        reply, _ = smtp.mail(self.server.sender.addr_spec)
        if _accepted(reply):
            reply, _ = smtp.rcpt(message.recipient)
        return reply

    def _content(self, smtp: smtplib.SMTP, message: Message) -> int:
        if smtp.sock is not None:
            smtp.sock.settimeout(self.server.verdict_timeout)
        reply, _ = smtp.data(message.content)
        if smtp.sock is not None:
            smtp.sock.settimeout(self.server.timeout)
        with suppress(OSError, smtplib.SMTPException):  # the mail is settled; how the goodbye goes is not
            smtp.quit()
        return reply


def _accepted(reply: int) -> bool:
    return 200 <= reply < 300  # noqa: PLR2004 -- the class of the reply
