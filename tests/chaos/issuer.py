"""A process that issues drafts and notes the numbers it was answered. It is there to be killed at any moment."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import cycle
from pathlib import Path

from services.invoices.adapters.documents import PostgresDocuments
from services.invoices.adapters.press import OfficialPress
from services.invoices.adapters.recogniser import ByBytes
from services.invoices.adapters.xml.rules_process import RulesProcess
from services.invoices.codec import SCHEMAS
from services.invoices.commands.documents import IssueInvoice
from services.invoices.handlers.issuing import issue_invoice
from services.invoices.ports import Ports
from shared.contracts.decision import Facts
from shared.crypto.kek import MemoryKek
from shared.crypto.keyring import Keyring
from shared.eventstore.log import TenantLog
from shared.eventstore.model import CommandId
from shared.eventstore.pool import open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.registry import EventRegistry
from shared.eventstore.store import VersionConflict
from shared.kernel.clock import SystemClock

_NOTE_BYTES = 128
"""Length of a note: pages hold a whole number of them, so that none lies on two."""

_REST = 0.01
"""Seconds between two commands: sixteen issuers share a few cores with the server and with who kills them."""


@dataclass(frozen=True)
class Errand:
    """What one life of an issuer is told."""

    conninfo: str
    kek: bytes
    tenant: str
    notes: Path
    """Where it notes every answer, a line each: `[invoice id, number]`."""
    drafts: Sequence[str]
    """What it issues, one after the other."""
    last: bool = False
    """Whether this life ends by itself; else it asks for the same again and again until it is killed."""


def issue_all(errand: Errand) -> None:
    """Issue draft after draft, each by its own command, which is the same in every life."""
    notes = os.open(errand.notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    pool, clock = open_pool(errand.conninfo), SystemClock()
    try:
        keyring = Keyring(MemoryKek.of(errand.kek), PostgresKeyStore(pool), clock)
        log = TenantLog(PostgresEventStore(pool), keyring, EventRegistry(SCHEMAS), clock)
        press = OfficialPress(RulesProcess())  # asks no process before it prints
        ports = Ports(log, keyring, clock, press, PostgresDocuments(pool, keyring), ByBytes())
        for invoice_id in errand.drafts if errand.last else cycle(errand.drafts):
            note = json.dumps([invoice_id, number_for(ports, errand.tenant, invoice_id)])
            # One write within one page: whoever reads meanwhile sees all of it or nothing.
            os.write(notes, note.encode().ljust(_NOTE_BYTES - 1) + b"\n")
            time.sleep(_REST)
    finally:
        pool.close(timeout=0)


def number_for(ports: Ports, tenant: str, invoice_id: str) -> str:
    """Issue, again and again while others are faster."""
    command_id = CommandId(f"issue {invoice_id}", sha256(invoice_id.encode()).digest())
    while True:
        try:
            return issue_invoice(
                ports, IssueInvoice(invoice_id), tenant=tenant, command_id=command_id, allow=_everything
            ).number
        except VersionConflict:
            continue


def _everything(_: Facts) -> None:
    """Judge for somebody whose grants have no conditions."""
