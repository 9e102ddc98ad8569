"""Everything that a service's database holds, as text, and the forms in which a secret could hide in it."""

import base64
from collections.abc import Iterator

from psycopg import sql

from tests.stack import Database

_SCHEMAS = ("log", "keyring", "read", "read_a", "read_b", "read_c", "read_d", "app", "relay", "public")


def spellings(canary: str) -> Iterator[str]:
    """Every form in which a text could hide in a dump: plain, as bytea shows it, base64 at each alignment."""
    raw = canary.encode()
    yield canary
    yield raw.hex()
    for before in range(3):
        # Six bits a letter; the first and the last may hold bits of what stands beside the text. What is left of seven
        # bytes are eight letters: fewer would turn up in random base64 by chance.
        letters = base64.b64encode(bytes(before) + raw + bytes(2)).decode()
        whole = letters[-(-8 * before // 6) : 8 * (before + len(raw)) // 6]
        assert len(whole) >= 8, "too short to be looked for"
        yield whole


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
