"""What the notifier makes a mail of: the document of the event, and the proof that goes with it."""

import hashlib
import json
from collections.abc import Callable
from email import message_from_bytes, policy

import pytest

from services.notifier.adapters.counts import delivery_counts
from shared.contracts.errors import ErrorCode, PublicError
from shared.merkle.note import NoteVerifier
from shared.merkle.tlog_proof import TlogProof
from tests.integration.notifier.couriers import (
    LOG_KEY,
    ORIGIN,
    Invoices,
    proof_of,
)
from tests.integration.notifier.mailroom import TENANT, Notifier
from tests.integration.notifier.smtp_servers import Mailbox, Server

pytestmark = pytest.mark.integration

Serve = Callable[..., Server]


def test_the_mail_carries_the_document_and_its_proof(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox()
    notifier.deliver(serve(mailbox).port)
    (envelope,) = mailbox.mails
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.SMTP)
    document, proof = message.iter_attachments()
    assert (document.get_filename(), proof.get_filename()) == ("2026-0001.pdf", "2026-0001.tlog-proof")
    log = NoteVerifier(ORIGIN, LOG_KEY.public)
    shown = TlogProof.from_text(proof.get_content().decode()).verify([log], ORIGIN)
    assert json.loads(shown.entry)["digest"] == hashlib.sha256(document.get_content()).hexdigest()


def test_a_reminder_goes_out_as_documents_do(notifier: Notifier, serve: Serve) -> None:
    notifier.hear_of_reminder()
    mailbox = Mailbox()
    notifier.deliver(serve(mailbox).port)
    assert len(mailbox.mails) == 1
    assert notifier.rows() == [("sent", 1, 250)]


def test_each_revision_of_a_quote_goes_out_once_and_no_other(notifier: Notifier, serve: Serve) -> None:
    invoices, mailbox = Invoices(), Mailbox()
    port = serve(mailbox).port
    for position in (4, 9):
        notifier.hear_of_quote(position)
        notifier.deliver(port, invoices)
        notifier.deliver(port, invoices)
    assert invoices.positions == [4, 9]
    assert len(mailbox.mails) == 2


def test_a_malformed_proof_is_asked_for_again(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox()
    notifier.deliver(serve(mailbox).port, Invoices(changes={"proof": "not a proof"}))
    assert notifier.rows() == [("pending", 0, None)]
    assert mailbox.attempts == 0


def test_the_document_is_asked_for_in_the_name_of_the_events_tenant(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    invoices = Invoices()
    notifier.deliver(serve(Mailbox()).port, invoices)
    ((_, tenant),) = invoices.asked
    assert tenant == TENANT


def test_a_service_that_does_not_answer_is_asked_again(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox()
    port = serve(mailbox).port
    notifier.deliver(port, Invoices(PublicError(ErrorCode.SERVICE_UNAVAILABLE, "later")))
    assert notifier.rows() == [("pending", 0, None)]
    notifier.deliver(port)
    assert len(mailbox.mails) == 1


def test_a_customer_who_was_forgotten_gets_no_mail_and_nobody_asks_again(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox()
    notifier.deliver(serve(mailbox).port, Invoices(PublicError(ErrorCode.KEY_SHREDDED, "gone")))
    assert notifier.rows() == [("failed", 0, None)]
    assert notifier.inbox() == {"pending": 0, "done": 1, "dead": 0}
    assert mailbox.attempts == 0


def test_a_customer_who_wants_nothing_mailed_gets_no_mail_and_nobody_asks_again(
    notifier: Notifier, serve: Serve
) -> None:
    notifier.hear()
    mailbox, invoices = Mailbox(), Invoices(changes={"delivery": "none"})
    notifier.deliver(serve(mailbox).port, invoices)
    assert notifier.rows() == [("not_wanted", 0, None)]
    assert notifier.inbox() == {"pending": 0, "done": 1, "dead": 0}
    assert delivery_counts(notifier.pool, TENANT, "invoices")["not_wanted"] == 1
    notifier.deliver(serve(mailbox).port, invoices)
    assert (mailbox.attempts, len(invoices.asked)) == (0, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "00" * 32},
        {"recipient_email": "a@b.example\r\nBcc: c@d.example"},
        {"proof": proof_of(b"another document")},
    ],
    ids=["digest", "address", "proof"],
)
def test_a_document_that_cannot_be_a_mail_fails_before_anything_is_sent(
    notifier: Notifier, serve: Serve, change: dict[str, str]
) -> None:
    notifier.hear()
    mailbox = Mailbox()
    notifier.deliver(serve(mailbox).port, Invoices(changes=change))
    assert notifier.rows() == [("failed", 0, None)]
    assert mailbox.attempts == 0
