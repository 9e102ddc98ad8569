"""Tiles far up the tree, on a log that is put there without appending every event."""

import psycopg
import pytest

from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.ids import new_id
from shared.merkle.tree import Frontier, root_hash
from tests.sealed_events import AT, KEY, sealed_events
from tests.stack import Database

pytestmark = pytest.mark.integration

SIZE = 65_536 - 3


@pytest.fixture
def tenant() -> str:
    return new_id()


def put_log(admin: psycopg.Connection, tenant: str) -> list[bytes]:
    """Put SIZE events, their full tiles and the head where appends would have put them; return the leaf hashes."""
    admin.execute(
        "INSERT INTO log.events (tenant, position, version, id, key, schema, stream, type, at, leaf_hash, sealed)"
        " SELECT %s, n, 1, gen_random_uuid(), %s, 1, 'invoice-' || n, 'InvoiceDrafted', %s, sha256(n::text::bytea), 'x'"
        " FROM generate_series(0, %s) AS n",
        (tenant, KEY, AT, SIZE - 1),
    )
    rows = admin.execute("SELECT leaf_hash FROM log.events WHERE tenant = %s ORDER BY position", (tenant,))
    leaves = [bytes(row[0]) for row in rows]
    tiles = [leaves[start : start + 256] for start in range(0, SIZE - 255, 256)]
    with admin.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO log.tiles (tenant, level, index, hashes, root, latest) VALUES (%s, 0, %s, %b, %b, %s)",
            [(tenant, index, b"".join(tile), root_hash(tile), AT) for index, tile in enumerate(tiles)],
        )
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.push(leaf)
    admin.execute("INSERT INTO log.heads VALUES (%s, %s, %b::bytea[])", (tenant, SIZE, list(frontier.subtrees)))
    return leaves


@pytest.mark.parametrize("sizes", [[3], [1, 2], [300], [2, 500]])
def test_a_full_row_of_tiles_makes_a_tile_of_the_next_level(invoices: Database, tenant: str, sizes: list[int]) -> None:
    store, version = PostgresEventStore(invoices.pool()), 0
    with invoices.connect_as_admin() as admin:
        leaves = put_log(admin, tenant)
    assert store.full_tile(tenant, 1, 0) is None
    for size in sizes:
        store.append(
            tenant, sealed_events(tenant, "late-1", range(version + 1, version + size + 1)), {"late-1": version}
        )
        version += size
    leaves += store.leaf_hashes(tenant, SIZE, version)
    assert len(leaves) == SIZE + version
    roots = [root_hash(leaves[start : start + 256]) for start in range(0, len(leaves) - 255, 256)]
    assert list(store.tile_roots(tenant, 0, 0, 1000)) == roots
    assert store.full_tile(tenant, 1, 0) == b"".join(roots[:256])
    assert list(store.tile_roots(tenant, 1, 0, 256)) == [root_hash(roots[:256])]
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.push(leaf)
    head = store.head(tenant)
    assert (head.size, tuple(head.frontier)) == (frontier.size, frontier.subtrees)
