"""Everything that a service's database holds, as text, and the forms in which a secret could hide in it."""

import base64
from collections.abc import Iterator

from psycopg import sql

from tests.stack import Database

_SCHEMAS = ("log", "keyring", "read", "read_a", "read_b", "app", "relay", "public")


def spellings(canary: str) -> Iterator[str]:
    """Every form in which a text could hide in a dump: plain, as bytea shows it, base64 at each alignment."""
    raw = canary.encode()
    yield canary
    yield raw.hex()
    for padding in range(3):
        # The first and last group may mix with what stands beside the text.
        yield base64.b64encode(b"\0" * padding + raw).decode()[4:-4]


def everything_at_rest(database: Database) -> str:
    """Every row of every table, as PostgreSQL writes it."""
    with database.connect_as_admin() as admin:
        tables = admin.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", (list(_SCHEMAS),)
        ).fetchall()
        rows = [
            row[0]
            for schema, table in tables
            for row in admin.execute(
                sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, table))
            ).fetchall()
        ]
    return "\n".join(rows)
