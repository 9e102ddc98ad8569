"""How a log is read from PostgreSQL: what more than one reader asks for, each time of one tenant."""

from typing import Final, LiteralString

READ_EVENTS: Final[LiteralString] = """
    SELECT tenant::text, stream, version, id::text, type, schema, at, key::text, encode(digest, 'hex'), sealed,
           position, leaf_hash
    FROM log.events
"""
"""Gives the fields of a `StoredEvent` in their order; which ones is for the reader to add."""
HEAD: Final[LiteralString] = "SELECT size, frontier FROM log.heads WHERE tenant = %s"
TILE_ROOTS: Final[LiteralString] = """
    SELECT root FROM log.tiles WHERE tenant = %s AND level = %s AND index >= %s AND index < %s ORDER BY index
"""
LEAF_HASHES: Final[LiteralString] = """
    SELECT leaf_hash FROM log.events WHERE tenant = %s AND position >= %s AND position < %s ORDER BY position
"""
