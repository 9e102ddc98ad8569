"""What becomes of a mail when real servers answer, refuse, vanish or say nothing."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP

import pytest
from aiosmtpd.smtp import Envelope

from services.notifier.adapters.smtp import Encryption, SmtpServer, SmtpTransport
from services.notifier.domain.delivery import Attempt, Outcome
from services.notifier.domain.mail import Attachment, Mail, message_id
from shared.kernel.clock import SystemClock
from tests.integration.notifier.conftest import SENDER, Certificate, plain
from tests.integration.notifier.smtp_servers import Mailbox, Server, hang_up

pytestmark = pytest.mark.integration

Serve = Callable[..., Server]
MAIL = Mail(
    message_id=message_id("01932d9f-0000-7000-8000-000000000001", "seller.example"),
    recipient="zoe@buyer.example",
    recipient_name="Zoë Größe",
    subject="Rechnung 2026-0001",
    text="Guten Tag,\n.\nanbei die Rechnung.\n",
    attachments=(
        Attachment("Rechnung.pdf", "application/pdf", b"%PDF-1.7 \x00\r\n.\r\n binary"),
        Attachment("Rechnung.tlog-proof", "application/octet-stream", "\u2014 a proof\n".encode()),
    ),
)


def attempt(server: SmtpServer) -> Attempt:
    transport = SmtpTransport(server, SystemClock())
    return transport.send(transport.prepare(MAIL))


def content_of(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


def test_a_mail_arrives_whole(serve: Serve) -> None:
    mailbox = Mailbox()
    assert attempt(plain(serve(mailbox))) == Attempt(Outcome.ACCEPTED, 250)
    (envelope,) = mailbox.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("invoices@seller.example", ["zoe@buyer.example"])
    message = message_from_bytes(content_of(envelope), policy=SMTP)
    body = message.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["Guten Tag,", ".", "anbei die Rechnung."]
    attached = [each.get_content() for each in message.iter_attachments()]
    assert attached == [attachment.content for attachment in MAIL.attachments]
    assert message["Message-ID"] == MAIL.message_id


def test_an_unknown_recipient_is_refused_for_good(serve: Serve) -> None:
    mailbox = Mailbox(rcpt="550 5.1.1 no such user")
    assert attempt(plain(serve(mailbox))) == Attempt(Outcome.REFUSED_FOR_GOOD, 550)


def test_a_full_mailbox_is_tried_again(serve: Serve) -> None:
    mailbox = Mailbox(rcpt="452 4.2.2 mailbox full")
    assert attempt(plain(serve(mailbox))) == Attempt(Outcome.REFUSED_FOR_NOW, 452)


@pytest.mark.parametrize(
    ("reply", "outcome"), [("554 spam", Outcome.REFUSED_FOR_GOOD), ("451 later", Outcome.REFUSED_FOR_NOW)]
)
def test_a_content_that_is_refused_was_not_delivered(serve: Serve, reply: str, outcome: Outcome) -> None:
    mailbox = Mailbox(data=reply)
    assert attempt(plain(serve(mailbox))) == Attempt(outcome, int(reply[:3]))
    assert mailbox.mails == []


def test_a_server_that_hangs_up_before_the_content_is_tried_again(serve: Serve) -> None:
    assert attempt(plain(serve(Mailbox(rcpt=hang_up)))) == Attempt(Outcome.REFUSED_FOR_NOW, None)


def test_a_server_that_hangs_up_after_the_content_leaves_it_unknown(serve: Serve) -> None:
    mailbox = Mailbox(data=hang_up)
    assert attempt(plain(serve(mailbox))) == Attempt(Outcome.LOST, None)
    assert len(mailbox.mails) == 1, "it had been delivered: sending again would have been wrong"


def test_a_server_that_never_answers_the_content_leaves_it_unknown(serve: Serve) -> None:
    impatient = replace(plain(serve(Mailbox(silent=True))), verdict_timeout=0.2)
    assert attempt(impatient) == Attempt(Outcome.LOST, None)


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as deaf:  # it has the port, so that nobody else gets it, and does not listen
        deaf.bind(("127.0.0.1", 0))
        server = SmtpServer("127.0.0.1", deaf.getsockname()[1], SENDER, Encryption.NONE, timeout=60)
        assert attempt(server) == Attempt(Outcome.REFUSED_FOR_NOW, None)


def test_a_mail_travels_under_tls(serve: Serve, certificate: Certificate) -> None:
    mailbox = Mailbox()
    server = plain(serve(mailbox, tls=certificate.for_server()))
    secured = replace(server, encryption=Encryption.TLS, trust=certificate.for_client())
    assert attempt(secured).outcome is Outcome.ACCEPTED
    assert len(mailbox.mails) == 1


def test_a_mail_travels_under_starttls_after_logging_in(serve: Serve, certificate: Certificate) -> None:
    mailbox = Mailbox()
    server = plain(serve(mailbox, starttls=certificate.for_server(), auth=True))
    secured = replace(server, encryption=Encryption.STARTTLS, trust=certificate.for_client())
    assert attempt(replace(secured, user="notifier", password="correct horse")).outcome is Outcome.ACCEPTED
    assert mailbox.logins == [b"notifier"]


def test_a_wrong_password_of_ours_does_not_fail_the_mail(serve: Serve, certificate: Certificate) -> None:
    server = plain(serve(Mailbox(), starttls=certificate.for_server(), auth=True))
    secured = replace(server, encryption=Encryption.STARTTLS, trust=certificate.for_client())
    assert attempt(replace(secured, user="notifier", password="wrong")) == Attempt(Outcome.REFUSED_FOR_NOW, 535)


@pytest.mark.parametrize("encryption", [Encryption.TLS, Encryption.STARTTLS])
def test_a_server_with_a_foreign_certificate_gets_nothing(
    serve: Serve, certificate: Certificate, encryption: Encryption
) -> None:
    mailbox = Mailbox()
    option = {"tls" if encryption is Encryption.TLS else "starttls": certificate.for_server()}
    server = replace(plain(serve(mailbox, **option)), encryption=encryption, trust=ssl.create_default_context())
    assert attempt(server).outcome is Outcome.REFUSED_FOR_NOW
    assert mailbox.attempts == 0


def test_a_server_that_does_not_offer_starttls_gets_nothing(serve: Serve, certificate: Certificate) -> None:
    mailbox = Mailbox()
    server = replace(plain(serve(mailbox)), encryption=Encryption.STARTTLS, trust=certificate.for_client())
    assert attempt(server) == Attempt(Outcome.REFUSED_FOR_NOW, None)
    assert mailbox.attempts == 0


def test_a_password_is_never_sent_in_the_clear() -> None:
    with pytest.raises(ValueError, match="not encrypted"):
        SmtpServer("127.0.0.1", 25, SENDER, Encryption.NONE, user="notifier", password="correct horse")


def test_an_encrypted_connection_always_checks_whom_it_talks_to() -> None:
    with pytest.raises(ValueError, match="trust"):
        SmtpServer("127.0.0.1", 465, SENDER, Encryption.TLS)
