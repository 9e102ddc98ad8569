"""A database to be tampered with by somebody who may do anything in it: a superuser without triggers in the way."""

# ruff: noqa: S608 - table names of this file

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
import pytest

from cli.audit.ledger import Ledger
from cli.audit.live import LiveLog
from shared.crypto.age import new_identity
from shared.eventstore.checkpoints import PostgresCheckpointStore
from shared.eventstore.faults import Faults
from shared.eventstore.model import RecordedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification, verify_log
from tests.audited import Business
from tests.stack import Database, Databases

DOCUMENTS = 180
SIZE = 2 + 3 * DOCUMENTS
"""542 events: two full tiles and a part of a third."""
_TABLES = ["events", "tiles", "heads", "commands", "checkpoints"]


@dataclass
class Tampered:
    """Two businesses' logs in one database, whole again at the beginning of each test."""

    database: Database
    ada: Business
    bob: Business
    early: str
    """Ada's checkpoint, cosigned, when her log was half as long."""
    note: str
    """Ada's checkpoint, cosigned, of the whole log."""

    def tamper(self, *statements: str) -> None:
        """Run SQL as a superuser; `%(ada)s` and `%(bob)s` are the tenants."""
        tenants = {"ada": self.ada.tenant, "bob": self.bob.tenant}
        with self.database.connect_as_admin() as admin, admin.transaction():
            for statement in statements:
                assert admin.execute(statement.encode(), tenants).rowcount > 0, f"this changed nothing: {statement}"

    def verify(self, trust: Trust | None = None, note: str | None = None, of: Business | None = None) -> Verification:
        """Verify a log, Ada's by default, as `tallystick audit verify` does with a running system, keys and all."""
        business, found = of or self.ada, Faults()
        log = LiveLog(business.query, note)
        ledger = Ledger(found)

        def fold(page: Sequence[RecordedEvent]) -> None:
            for event in page:
                ledger.add(event)

        return verify_log(
            log, trust or Trust(business.verifier), keys=log.keys(*new_identity()), on_page=fold, found=found
        )

    def restore(self) -> None:
        """Put every row back."""
        with self.database.connect_as_admin() as admin, admin.transaction():
            for table in _TABLES:
                admin.execute(f"DELETE FROM log.{table}; INSERT INTO log.{table} SELECT * FROM pristine.{table}")


@pytest.fixture(scope="module")
def written(databases: Databases) -> Iterator[Tampered]:
    database = databases.create("invoices")
    pool = database.pool()
    stores = PostgresEventStore(pool), PostgresKeyStore(pool), PostgresCheckpointStore(pool)
    ada, bob = Business(*stores), Business(*stores)
    ada.trade(DOCUMENTS // 2)
    early = ada.note()
    ada.trade(DOCUMENTS // 2)
    bob.trade(2)
    note = ada.note()
    with database.connect_as_admin() as admin:
        remove_guards(admin)
        admin.execute("CREATE SCHEMA pristine")
        for table in _TABLES:
            admin.execute(f"CREATE TABLE pristine.{table} AS TABLE log.{table}")
    yield Tampered(database, ada, bob, early, note)
    databases.drop(database)


def remove_guards(admin: psycopg.Connection) -> None:
    """Do what only a superuser can: take away what refuses changes, and what refuses values."""
    guards = admin.execute(
        "SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE c.relnamespace = 'log'::regnamespace AND t.tgparentid = 0 AND NOT t.tgisinternal"
        " UNION ALL SELECT format('ALTER %s DROP CONSTRAINT %I', CASE contypid WHEN 0"
        " THEN format('TABLE %s', conrelid::regclass) ELSE format('DOMAIN %s', contypid::regtype) END, conname)"
        " FROM pg_constraint"
        " WHERE connamespace = 'log'::regnamespace AND contype = 'c' AND (contypid <> 0 OR conislocal)"
    ).fetchall()
    for (statement,) in guards:
        admin.execute(statement)


@pytest.fixture
def it(written: Tampered) -> Tampered:
    written.restore()
    return written
