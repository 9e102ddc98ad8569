"""The SQL functions compute what the Python ones do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.merkle.tree import Frontier
from tests.stack import Databases

pytestmark = pytest.mark.integration
VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "log_entry.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def admin(databases: Databases) -> Iterator[psycopg.Connection]:
    database = databases.create("invoices")
    with database.connect_as_admin() as connection:
        yield connection
    databases.drop(database)


@pytest.mark.parametrize("case", VECTORS["entries"], ids=lambda case: case["name"])
def test_the_entry_and_its_leaf_are_the_golden_bytes(admin: psycopg.Connection, case: dict[str, Any]) -> None:
    row = admin.execute(
        """
        SELECT entry, encode(log.leaf_hash(entry), 'hex') FROM log.entry(
            at => %(at)s, digest => decode(%(digest)s, 'hex'), id => %(id)s, key => %(key)s, schema => %(schema)s,
            sealed => decode(%(sealed)s, 'hex'), stream => %(stream)s, tenant => %(tenant)s, type => %(type)s,
            version => %(version)s) AS entry
        """,
        case["event"],
    ).fetchone()
    assert row == (case["entry"], case["leaf_hash"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(before=st.integers(0, 300), leaves=st.lists(st.binary(min_size=32, max_size=32), max_size=40))
@example(before=0, leaves=[bytes(32)])
@example(before=255, leaves=[bytes(32)])
@example(before=256, leaves=[bytes(32)] * 256)
@example(before=2**40 - 1, leaves=[bytes(32)])
def test_pushing_in_sql_gives_the_same_frontier(admin: psycopg.Connection, before: int, leaves: list[bytes]) -> None:
    frontier = Frontier(before, tuple(bytes([bit]) * 32 for bit in range(before.bit_count())))
    expected = frontier
    for leaf in leaves:
        expected = expected.push(leaf)
    row = admin.execute(
        "SELECT log.push(%s, %b::bytea[], %b::bytea[])", (before, list(frontier.subtrees), leaves)
    ).fetchone()
    assert row == (list(expected.subtrees),)
