"""A courier over a real database and a real SMTP server; only the other services are played by this module.

As a program, `python -m tests.integration.notifier.couriers CONNINFO SMTP_PORT`, it delivers until it is killed.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from typing import Any

import psycopg
from psycopg import conninfo

from services.notifier.adapters.bus import Bus
from services.notifier.adapters.deliveries import PostgresDeliveries
from services.notifier.adapters.documents import RpcDocuments
from services.notifier.adapters.mails import MailsBySource, RpcNotices
from services.notifier.adapters.notices import InboxNotices
from services.notifier.adapters.smtp import Encryption, SmtpServer, SmtpTransport
from services.notifier.handlers import Courier
from shared.contracts.errors import PublicError
from shared.crypto.signing import SigningKey
from shared.eventstore.pool import Pool, open_pool
from shared.kernel.clock import Clock, SystemClock
from shared.merkle.checkpoint import Checkpoint, sign_checkpoint
from shared.merkle.tlog_proof import TlogProof
from shared.merkle.tree import leaf_hash
from shared.messaging.inbox import Inbox

DOMAIN = "seller.example"
PDF = b"%PDF-1.7 canary-content"
LOG_KEY = SigningKey.generate()
ORIGIN = "seller.example/tallystick/019aa0e5-1111-7000-8000-000000000001"
RECIPIENT = "canary-recipient@buyer.example"


def proof_of(content: bytes) -> str:
    """Prove a document in a log of one event, as the invoices service does."""
    entry = json.dumps({"digest": hashlib.sha256(content).hexdigest()}).encode()
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf_hash(entry)), LOG_KEY)
    return TlogProof(entry, 0, (), note).to_text()


@dataclass
class Invoices:
    """Answers as the invoices service does, or refuses."""

    refusal: PublicError | None = None
    changes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    """At which positions quotes were asked for."""

    def call(self, service: str, method: str, request: dict[str, Any], *, tenant: str | None) -> dict[str, Any]:
        (name, key), *which = request.items()
        assert (service, method, name, *(each for each, _ in which)) in {
            ("invoices", "get_document", "invoice_id"),
            ("invoices", "get_reminder", "reminder_id"),
            ("invoices", "get_quote_document", "quote_id", "position"),
        }
        self.asked.append((key, tenant))
        self.positions += [position for _, position in which]
        if self.refusal:
            raise self.refusal
        return {
            "file_name": "2026-0001.pdf",
            "media_type": "application/pdf",
            "content_base64": base64.b64encode(PDF).decode(),
            "digest": hashlib.sha256(PDF).hexdigest(),
            "recipient_name": "Canary Customer",
            "recipient_email": RECIPIENT,
            "delivery": "mail",
            "encryption_key": None,
            "encryption_certificate": None,
            "subject": "Invoice 2026-0001",
            "text": "canary-text",
            "proof": proof_of(PDF),
        } | self.changes


@dataclass
class Auth:
    """Answers as auth does, or refuses."""

    refusal: PublicError | None = None
    changes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[int, str | None]] = field(default_factory=list)

    def call(self, service: str, method: str, request: dict[str, Any], *, tenant: str | None) -> dict[str, Any]:
        assert (service, method) == ("auth", "notice")
        self.asked.append((request["position"], tenant))
        if self.refusal:
            raise self.refusal
        return {
            "recipient_name": "Ada Canary",
            "recipient_email": "ada@seller.example",
            "subject": "Your training is due soon",
            "text": "canary-text\n",
        } | self.changes


@contextmanager
def courier(
    connection: str, pool: Pool, smtp_port: int, others: Bus | None = None, clock: Clock | None = None
) -> Iterator[Courier]:
    """Own the deliveries for the length of a `with` block."""
    server = SmtpServer(
        "127.0.0.1",
        smtp_port,
        Address("", addr_spec=f"invoices@{DOMAIN}"),
        Encryption.NONE,
        timeout=60,
        verdict_timeout=60,
    )
    bus = others or Invoices()
    with PostgresDeliveries.owned(connection, DOMAIN) as deliveries:
        if deliveries is None:
            raise NotOwnedError
        yield Courier(
            InboxNotices(Inbox(pool)),
            MailsBySource({"invoices": RpcDocuments(bus, DOMAIN), "auth": RpcNotices(bus, DOMAIN)}),
            deliveries,
            SmtpTransport(server, SystemClock()),
            clock or SystemClock(),
        )


class NotOwnedError(Exception):
    """Another worker owns the deliveries."""


def main(connection: str, smtp_port: str) -> None:
    pool = open_pool(connection, max_size=2)
    with courier(connection, pool, int(smtp_port)) as working:
        while working.deliver_next():
            pass


def conninfo_of(url: str, password: str) -> str:
    """Put a password into a connection string."""
    return conninfo.make_conninfo(url, password=password)


def rows(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Return what the deliveries say: state, attempts and last reply, oldest first."""
    return connection.execute("SELECT state, attempts, last_reply FROM app.deliveries ORDER BY event_id").fetchall()


if __name__ == "__main__":
    main(*sys.argv[1:])
