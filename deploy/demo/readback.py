"""Figures read back from the running system: the Maildir, the databases, the object store. Nothing is counted here."""

import csv
import mailbox
from collections import Counter
from pathlib import Path

import psycopg
from psycopg import sql

_READ_MODEL_TABLES = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = %s AND table_type = 'BASE TABLE' AND table_name <> 'projection_checkpoints'
    ORDER BY table_name
"""
# Of each service one projection has rows; one that was never rebuilt lives in read_a.
_LIVE = "SELECT coalesce(max(live), 'read_a') FROM read.projections"


def count_events(dsn: str, tenant: str) -> Counter[str]:
    """Count the tenant's events by type, in the table itself."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT type, count(*) FROM log.events WHERE tenant = %s GROUP BY type", [tenant])
        return Counter(dict(rows.fetchall()))


def tree_size(dsn: str, tenant: str) -> int:
    """Return the size of the tenant's tree as the database has it."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT size FROM log.heads WHERE tenant = %s", [tenant]).fetchone()
        return 0 if row is None else int(row[0])


def read_models(dsn: str) -> dict[str, list[str]]:
    """Return every row of every live read model, as text, sorted: what is compared after a restore."""
    with psycopg.connect(dsn) as connection:
        ((live,),) = connection.execute(_LIVE).fetchall()
        tables = [name for (name,) in connection.execute(_READ_MODEL_TABLES, [live])]
        return {table: _rows(connection, live, table) for table in tables}


def _rows(connection: psycopg.Connection, copy: str, table: str) -> list[str]:
    query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(copy, table))
    return sorted(row for (row,) in connection.execute(query))


def message_ids(maildir: Path) -> list[str]:
    """Return the Message-ID of every delivered mail with a document; a mail that came twice stands twice.

    Mails without one are notices to the people of the business.
    """
    if not maildir.exists():
        return []
    with_document = (mail for mail in mailbox.Maildir(maildir, create=False) if len(mail.get_payload()) > 1)
    return [str(mail["Message-ID"]) for mail in with_document]


def count_refused(path: Path) -> int:
    """Count the rows in the file of refused rows."""
    with path.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.DictReader(stream))
