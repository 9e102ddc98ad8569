"""Real SMTP servers, well-behaved and not, each in a thread of its own."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

OK = "250 OK"


@dataclass
class Mailbox:
    """What a server took, and how it answers: each answer is a line, or does something and returns a line."""

    rcpt: str | Callable[[SMTP], str] = OK
    data: str | Callable[[SMTP], str] = OK
    mails: list[Envelope] = field(default_factory=list)
    attempts: int = 0
    logins: list[bytes] = field(default_factory=list)
    silent: bool = False
    """Takes the content and then never says anything again."""

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.attempts += 1
        reply = _answer(self.rcpt, server)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- as above
        reply = _answer(self.data, server)
        if reply.startswith("2"):
            self.mails.append(envelope)
        if self.silent:
            await asyncio.Event().wait()
        return reply

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, auth_data: object
    ) -> AuthResult:
        assert isinstance(auth_data, LoginPassword)
        self.logins.append(auth_data.login)
        return AuthResult(success=auth_data.password == b"correct horse", handled=False)


def hang_up(server: SMTP) -> str:
    """Drop the connection without a word."""
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()
    return OK


class Server(Controller):
    """A server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's is not annotated


def start(
    mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, auth: bool = False
) -> Server:
    """Start a server on the loopback interface; its port is `.port`."""
    server = Server(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=mailbox.authenticate if auth else None,
        auth_required=auth,
        auth_require_tls=True,
    )
    server.start()
    return server


def _answer(answer: str | Callable[[SMTP], str], server: SMTP) -> str:
    return answer if isinstance(answer, str) else answer(server)
