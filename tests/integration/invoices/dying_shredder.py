"""A process that is killed when a shredding stands in the log, before it can destroy the key."""

import json
import os
import signal
import sys

from services.invoices.adapters.documents import PostgresDocuments
from services.invoices.adapters.press import OfficialPress
from services.invoices.adapters.recogniser import ByBytes
from services.invoices.adapters.xml.rules_process import RulesProcess
from services.invoices.codec import SCHEMAS
from services.invoices.commands.shredding import RequestShredding
from services.invoices.handlers import shredding
from services.invoices.ports import Ports
from shared.crypto.kek import MemoryKek
from shared.crypto.keyring import Keyring
from shared.eventstore.log import TenantLog
from shared.eventstore.model import Author, CommandId
from shared.eventstore.pool import open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.registry import EventRegistry
from shared.kernel.clock import SystemClock


class DyingKeyring(Keyring):
    """Ends its own process, without any clearing up."""

    def shred(self, tenant: str, subject: str) -> int:  # noqa: ARG002 -- it gets no further
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


if __name__ == "__main__":
    given = json.load(sys.stdin)
    pool, clock = open_pool(given["url"], given["password"]), SystemClock()
    keyring = DyingKeyring(MemoryKek.of(bytes.fromhex(given["kek"])), PostgresKeyStore(pool), clock)
    log = TenantLog(PostgresEventStore(pool), keyring, EventRegistry(SCHEMAS), clock)
    shredding.request_shredding(
        Ports(log, keyring, clock, OfficialPress(RulesProcess()), PostgresDocuments(pool, keyring), ByBytes()),
        RequestShredding(given["customer"], "erasure_request"),
        tenant=given["tenant"],
        command_id=CommandId(given["command"], bytes(32), Author("person", "ada", ("pwd", "otp"))),
    )
