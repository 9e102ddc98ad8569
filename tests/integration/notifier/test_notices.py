"""Notices to the people of a business: one mail an event, without files, at most once."""

from collections.abc import Callable
from email import message_from_bytes, policy

import pytest

from services.notifier.adapters.counts import delivery_counts
from shared.contracts.errors import ErrorCode, PublicError
from tests.integration.notifier.couriers import Auth
from tests.integration.notifier.mailroom import TENANT, Notifier
from tests.integration.notifier.smtp_servers import Mailbox, Server, hang_up

pytestmark = pytest.mark.integration

Serve = Callable[..., Server]


def test_a_notice_is_a_plain_mail_to_the_person_whom_auth_names(notifier: Notifier, serve: Serve) -> None:
    notifier.hear_of_notice(position=7)
    mailbox, auth = Mailbox(), Auth()
    notifier.deliver(serve(mailbox).port, auth)
    assert auth.asked == [(7, TENANT)]
    (envelope,) = mailbox.mails
    assert envelope.rcpt_tos == ["ada@seller.example"]
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.SMTP)
    assert list(message.iter_attachments()) == []
    body = message.get_body()
    assert body is not None
    assert body.get_content_type() == "text/plain"
    assert body.get_content().splitlines() == ["canary-text"]


def test_a_notice_whose_fate_is_not_known_is_not_sent_again(notifier: Notifier, serve: Serve) -> None:
    notifier.hear_of_notice()
    mailbox = Mailbox(data=hang_up)
    port = serve(mailbox).port
    notifier.deliver(port, Auth())
    assert [state for state, *_ in notifier.rows()] == ["unknown"]
    assert not notifier.deliver(port, Auth())


def test_nobody_is_told_once_they_were_forgotten(notifier: Notifier, serve: Serve) -> None:
    notifier.hear_of_notice()
    mailbox = Mailbox()
    notifier.deliver(serve(mailbox).port, Auth(PublicError(ErrorCode.KEY_SHREDDED, "gone")))
    assert notifier.rows() == [("failed", 0, None)]
    assert mailbox.attempts == 0


@pytest.mark.parametrize("code", [ErrorCode.NOTICE_UNKNOWN, ErrorCode.SERVICE_UNAVAILABLE])
def test_a_notice_that_cannot_be_had_yet_is_asked_for_again(notifier: Notifier, serve: Serve, code: ErrorCode) -> None:
    notifier.hear_of_notice()
    mailbox = Mailbox()
    port = serve(mailbox).port
    notifier.deliver(port, Auth(PublicError(code, "later")))
    assert notifier.rows() == [("pending", 0, None)]
    notifier.deliver(port, Auth())
    assert len(mailbox.mails) == 1


def test_an_address_that_would_be_two_gets_no_mail(notifier: Notifier, serve: Serve) -> None:
    notifier.hear_of_notice()
    mailbox = Mailbox()
    notifier.deliver(serve(mailbox).port, Auth(changes={"recipient_email": "a@b.example\r\nBcc: c@d.example"}))
    assert notifier.rows() == [("failed", 0, None)]
    assert mailbox.attempts == 0


def test_notices_and_invoices_are_counted_apart(notifier: Notifier, serve: Serve) -> None:
    notifier.hear_of_notice()
    notifier.deliver(serve(Mailbox()).port, Auth())
    assert delivery_counts(notifier.pool, TENANT, "auth")["sent"] == 1
    assert set(delivery_counts(notifier.pool, TENANT, "invoices").values()) == {0}
