"""Read models that change their shape: the tables of the next one are made in the pair of copies that is not in use.

What is in them only the service can say, which has the keys. When it starts it fills them beside the live ones and
swaps (shared/eventstore/rebuild.py); until then nothing that answers is touched. The pair that is left is emptied by
the next bootstrap. All of this is part of bootstrap's transaction.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from shared.eventstore.copies import COPIES, other

Pair = tuple[str, str]

_LIVE = "SELECT DISTINCT live FROM read.projections"
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND c.relname <> 'projection_checkpoints'
"""
# Projections without tables are in no row and stay where they are, with their checkpoints: they do not begin again.
_FORGET = "DELETE FROM {} WHERE projection IN (SELECT projection FROM read.projections)"
_POINT = "CREATE OR REPLACE FUNCTION read.first_copy() RETURNS text LANGUAGE sql IMMUTABLE RETURN {}"


class ShapeRefused(Exception):
    """The read models are in use in two shapes already; the message says what to do."""


def pair_to_make(database: psycopg.Connection, shape: str, made: Mapping[str, str]) -> Pair | None:
    """Return the copies in which the tables have to be made, emptied; None when they are there.

    `shape` is the digest of the SQL that makes them, `made` that of each copy in which some were made. Raises
    ShapeRefused, psycopg.Error.
    """
    present = _pair(_one(database, "SELECT read.first_copy()"))
    unused = _pair(next(copy for copy in COPIES if copy not in present))
    live = {str(copy) for (copy,) in database.execute(_LIVE)}
    if not made:
        return present
    if made.get(present[0]) == shape:
        if live and live.isdisjoint(unused):
            _empty(database, unused)
        return None
    if made.get(unused[0]) == shape:  # back to the version before
        _point_to(database, unused)
        return None
    if live and live.isdisjoint(present):  # nobody ever came to use it
        unused = present
    elif not live.isdisjoint(unused):
        raise ShapeRefused(
            "its read models are half moved to another shape: let the version before this one start first"
        )
    _empty(database, unused)
    _point_to(database, unused)
    return unused


def _pair(first: str) -> Pair:
    return first, other(first)


def _empty(database: psycopg.Connection, pair: Pair) -> None:
    for copy in pair:
        for (table,) in database.execute(_TABLES, (copy,)).fetchall():
            database.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(copy, table)))
        database.execute(sql.SQL(_FORGET).format(sql.Identifier(copy, "projection_checkpoints")))
        database.execute("DELETE FROM public.schema_versions WHERE script LIKE '%% in ' || %s", (copy,))


def _point_to(database: psycopg.Connection, pair: Pair) -> None:
    database.execute(sql.SQL(_POINT).format(sql.Literal(pair[0])))


def _one(database: psycopg.Connection, query: str) -> str:
    row = database.execute(query.encode()).fetchone()
    return "" if row is None else str(row[0])
