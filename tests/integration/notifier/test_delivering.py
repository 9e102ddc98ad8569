"""From an event in the inbox to one mail, whatever breaks on the way."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from aiosmtpd.smtp import SMTP

from services.notifier.adapters.counts import delivery_counts
from services.notifier.adapters.deliveries import PostgresDeliveries
from services.notifier.domain.delivery import TransitionRefused
from services.notifier.domain.ports import Notice
from shared.eventstore.session import tenant_session
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from tests.integration.notifier.couriers import (
    DOMAIN,
    PDF,
    RECIPIENT,
    Invoices,
    NotOwnedError,
    courier,
    rows,
)
from tests.integration.notifier.mailroom import TENANT, Notifier
from tests.integration.notifier.smtp_servers import Mailbox, Server, hang_up

pytestmark = pytest.mark.integration

Serve = Callable[..., Server]


def test_an_event_becomes_one_mail(notifier: Notifier, serve: Serve) -> None:
    event_id, mailbox = notifier.hear(), Mailbox()
    port = serve(mailbox).port
    assert notifier.deliver(port)
    assert not notifier.deliver(port), "nothing is left to do"
    (envelope,) = mailbox.mails
    assert envelope.rcpt_tos == [RECIPIENT]
    assert isinstance(envelope.content, bytes)
    assert f"Message-ID: <{event_id}@{DOMAIN}>".encode() in envelope.content
    assert notifier.rows() == [("sent", 1, 250)]
    assert notifier.inbox() == {"pending": 0, "done": 1, "dead": 0}


def test_a_refusal_before_the_content_is_tried_again_until_it_works(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox(rcpt="451 greylisted")
    port = serve(mailbox).port
    notifier.deliver(port)
    assert notifier.rows() == [("pending", 1, 451)]
    assert notifier.inbox()["pending"] == 1
    mailbox.rcpt = "250 OK"
    notifier.deliver(port)
    assert notifier.rows() == [("sent", 2, 250)]
    assert len(mailbox.mails) == 1


def test_a_permanent_refusal_ends_it(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox(rcpt="550 no such user")
    port = serve(mailbox).port
    notifier.deliver(port)
    assert notifier.rows() == [("failed", 1, 550)]
    assert not notifier.deliver(port)
    assert mailbox.attempts == 1


def test_a_connection_lost_after_the_content_is_unknown_and_never_tried_again(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox(data=hang_up)
    port = serve(mailbox).port
    notifier.deliver(port)
    assert notifier.rows() == [("unknown", 1, None)]
    assert not notifier.deliver(port)
    assert mailbox.attempts == 1


def test_what_is_being_sent_is_on_record_before_the_server_hears_of_it(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    seen: list[object] = []

    def look(_server: SMTP) -> str:
        seen.extend(notifier.rows())
        return "250 OK"

    notifier.deliver(serve(Mailbox(rcpt=look)).port)
    assert seen == [("sending", 1, None)]


def test_an_event_whose_mail_went_out_before_a_crash_is_not_sent_again(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox()
    port = serve(mailbox).port
    notifier.deliver(port)
    with notifier.database.connect_as_admin() as admin:  # as if the worker had died before it told the inbox
        admin.execute("UPDATE app.inbox SET state = 'pending'")
    assert notifier.deliver(port)
    assert len(mailbox.mails) == 1
    assert notifier.inbox()["done"] == 1


def test_a_worker_killed_while_sending_leaves_the_delivery_unknown_for_good(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox(silent=True)
    port = serve(mailbox).port
    program = [sys.executable, "-m", "tests.integration.notifier.couriers", notifier.conninfo, str(port)]
    with subprocess.Popen(program) as process:
        while not mailbox.mails:
            assert process.poll() is None, "it ended before it was killed"
            time.sleep(0.01)
        assert notifier.rows() == [("sending", 1, None)]
        process.kill()
    mailbox.silent = False
    wait_until_owned_by_nobody(notifier)
    assert notifier.deliver(port)
    assert notifier.rows() == [("unknown", 1, None)]
    assert len(mailbox.mails) == 1


def wait_until_owned_by_nobody(notifier: Notifier) -> None:
    """The server notices the death of a client by itself, a moment later."""
    with notifier.database.connect_as_admin() as admin:
        held = (
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        while admin.execute(held).fetchone() != (0,):
            time.sleep(0.01)


def test_only_one_worker_owns_the_deliveries(notifier: Notifier) -> None:
    with PostgresDeliveries.owned(notifier.conninfo, DOMAIN) as first:
        assert first is not None
        with PostgresDeliveries.owned(notifier.conninfo, DOMAIN) as second:
            assert second is None
    with PostgresDeliveries.owned(notifier.conninfo, DOMAIN) as third:
        assert third is not None


def test_a_living_worker_keeps_what_it_is_sending(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    others: list[str] = []

    def rival(_server: SMTP) -> str:
        with pytest.raises(NotOwnedError), courier(notifier.conninfo, notifier.pool, 9):
            pass
        others.extend(str(row[0]) for row in notifier.rows())
        return "250 OK"

    notifier.deliver(serve(Mailbox(data=rival)).port)
    assert others == ["sending"]
    assert notifier.rows() == [("sent", 1, 250)]


def test_a_worker_that_lost_its_ownership_sends_nothing_more(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    mailbox = Mailbox()
    with courier(notifier.conninfo, notifier.pool, serve(mailbox).port) as working:
        with notifier.database.connect_as_admin() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        with pytest.raises(psycopg.OperationalError):
            working.deliver_next()
    assert mailbox.attempts == 0


def test_after_five_days_an_event_is_put_aside_for_a_person(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    port = serve(Mailbox(rcpt="451 greylisted")).port
    notifier.deliver(port)
    notifier.deliver(port, clock=FixedClock(datetime.now(UTC) + timedelta(days=6)))
    assert notifier.inbox() == {"pending": 0, "done": 0, "dead": 1}
    assert delivery_counts(notifier.pool, TENANT, "invoices")["dead"] == 1


def test_every_event_of_the_tenant_is_counted_once(notifier: Notifier, serve: Serve) -> None:
    for _ in range(3):
        notifier.hear()
    port = serve(Mailbox()).port
    notifier.deliver(port)
    notifier.deliver(port, Invoices(changes={"digest": "00" * 32}))
    counted = {"pending": 1, "sending": 0, "sent": 1, "unknown": 0, "failed": 1, "not_wanted": 0, "dead": 0}
    assert delivery_counts(notifier.pool, TENANT, "invoices") == counted
    assert set(delivery_counts(notifier.pool, new_id(), "invoices").values()) == {0}


def test_neither_recipient_nor_content_is_kept(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    notifier.deliver(serve(Mailbox()).port)
    with notifier.database.connect_as_admin() as admin:
        kept = "".join(str(admin.execute(f"SELECT t::text FROM app.{t} t").fetchall()) for t in ("deliveries", "inbox"))  # noqa: S608 -- names of this test
    assert "canary" not in kept.lower()
    assert PDF.decode() not in kept


def test_the_service_cannot_forget_a_delivery(notifier: Notifier) -> None:
    with notifier.database.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM app.deliveries")


def test_deliveries_of_another_business_are_out_of_sight(notifier: Notifier, serve: Serve) -> None:
    notifier.hear()
    notifier.deliver(serve(Mailbox()).port)
    with tenant_session(notifier.pool, new_id()) as stranger:
        assert rows(stranger) == []
        assert stranger.execute("UPDATE app.deliveries SET state = 'pending', ended_at = NULL").rowcount == 0
    with notifier.database.connect() as unbound:
        assert rows(unbound) == []


def test_a_delivery_that_another_hand_changed_is_not_sent(notifier: Notifier) -> None:
    notice = Notice(notifier.hear(), TENANT, "invoices", f"invoice-{new_id()}", 1)
    with PostgresDeliveries.owned(notifier.conninfo, DOMAIN) as deliveries:
        assert deliveries is not None
        deliveries.recall(notice)
        with notifier.database.connect_as_admin() as admin:
            admin.execute("UPDATE app.deliveries SET state = 'unknown', ended_at = now()")
        with pytest.raises(TransitionRefused):
            deliveries.refuse(notice)
