"""Whoever may do anything in the database changes a log: verification finds it and names what is wrong, and where.

Ada's log: 0 a customer, 1-90 drafts, 91-270 numbers and issued invoices by turns; and the same once more from 271 on.
Tiles 0 and 1 are full and stored, the third is made of the last thirty events. What cannot be folded any more because
an event before it is gone or unreadable is left out here: it follows from the fault that is named.
"""

# ruff: noqa: S608 - the statements are put together from constants of this file

from collections.abc import Callable

import pytest
from msgspec import structs

from services.backup.domain.witness import Head, LogInconsistent, check_growth
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.envelope import seal
from shared.eventstore.entry import entry_aad
from shared.eventstore.faults import FaultKind
from shared.eventstore.payload import encode_content
from shared.eventstore.trust import Trust, claimed_checkpoint
from shared.eventstore.verification import Verification
from tests.audited import BY, WITNESS
from tests.integration.audit.conftest import SIZE, Tampered

pytestmark = pytest.mark.integration

LAST = SIZE - 1
ADAS = "WHERE tenant = %(ada)s"
EVENT_COLUMNS = "tenant, position, version, id, key, schema, stream, type, at, digest, leaf_hash, sealed"


Place = tuple[str, int | None]


def places(found: Verification) -> set[Place]:
    return {(fault.kind.value, fault.position) for fault in found.faults if fault.kind is not FaultKind.FOLD_REFUSED}


def everywhere(*kinds: str) -> set[Place]:
    """Each of the kinds at the three positions that a test changes: the first, the first of a tile, and the last."""
    return {(kind, position) for kind in kinds for position in (0, 256, LAST)}


def test_a_log_that_nobody_touched_verifies(it: Tampered) -> None:
    trust = Trust(it.ada.verifier, WITNESS, it.early)
    found = it.verify(trust, it.note)
    assert (found.ok, found.events, found.opened) == (True, SIZE, SIZE)


def bit(column: str, number: int | str, of: str = "") -> str:
    """Return the SQL that flips a bit of a column's bytes."""
    value = of or column
    return f"set_bit({value}, {number}, 1 - get_bit({value}, {number}))"


def bit_of_uuid(column: str) -> str:
    return f"encode({bit(column, 127, f'uuid_send({column})')}, 'hex')::uuid"


def bit_of_text(column: str, place: int) -> str:
    return f"overlay({column} placing chr(ascii(substr({column}, {place}, 1)) # 1) from {place})"


BITS: list[tuple[str, str, set[Place]]] = [
    ("id", bit_of_uuid("id"), everywhere("leaf_differs", "seal_broken")),
    # Told once for each key: 0 and 256 name the same one.
    ("key", bit_of_uuid("key"), everywhere("leaf_differs") | {("key_missing", 0), ("key_missing", LAST)}),
    ("schema", "schema # 2", everywhere("leaf_differs", "seal_broken")),
    ("type", bit_of_text("type", 1), everywhere("leaf_differs", "seal_broken")),
    ("at", bit_of_text("at", 26), everywhere("leaf_differs", "seal_broken")),
    ("digest", f"coalesce({bit('digest', 100)}, sha256(''))", everywhere("leaf_differs", "seal_broken")),
    (
        "stream",
        bit_of_text("stream", 1),
        everywhere("leaf_differs", "seal_broken") | {("version_unexpected", 256), ("version_unexpected", LAST)},
    ),
    ("version", "version # 1024", everywhere("leaf_differs", "seal_broken", "version_unexpected")),
    # The last leaf is in no stored tile: the third tile is made of what the rows say.
    ("leaf_hash", bit("leaf_hash", 0), everywhere("leaf_differs") | {("root_differs", None)}),
    *[
        ("sealed", bit("sealed", number), everywhere("leaf_differs", "seal_broken"))
        for number in (0, 8 * 1, 8 * 33, 8 * 65, "octet_length(sealed) * 8 - 1")
    ],
    ("sealed", "sealed || '\\x00'", everywhere("leaf_differs", "seal_broken")),
    ("stream", "'a\"b' || position", everywhere("entry_refused")),
    ("type", "''", everywhere("entry_refused")),
    ("at", "'2026-02-30T09:00:00.000000Z'", everywhere("entry_refused")),
]


@pytest.mark.parametrize(("column", "change", "expected"), BITS, ids=[f"{each[0]}-{n}" for n, each in enumerate(BITS)])
def test_a_changed_column_is_found_at_every_place(it: Tampered, column: str, change: str, expected: set[Place]) -> None:
    it.tamper(f"UPDATE log.events SET {column} = {change} {ADAS} AND position IN (0, 256, {LAST})")
    assert places(it.verify()) == expected


def moved(position: int, to: int) -> str:
    return f"UPDATE log.events SET position = {to} {ADAS} AND position = {position}"


SHIFTED = [
    f"UPDATE log.events SET position = position + 10000 {ADAS} AND position >= 500",
    f"UPDATE log.events SET position = position - 9999 {ADAS} AND position >= 10000",
]


def forged(position: int) -> str:
    return f"""
        INSERT INTO log.events ({EVENT_COLUMNS})
        SELECT tenant, {position}, 1, gen_random_uuid(), key, schema, 'invoice-forged', type, at, digest, leaf_hash,
               sealed FROM log.events {ADAS} AND position = 499
    """


SWAP_SEALED = """
    UPDATE log.events e SET sealed = other.sealed FROM pristine.events other
    WHERE e.tenant = %(ada)s AND e.position IN (40, 300)
        AND other.tenant = e.tenant AND other.position = 340 - e.position
"""
MISSING = "position_unexpected"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([f"DELETE FROM log.events {ADAS} AND position = 256"], {(MISSING, 256)}),
        ([f"DELETE FROM log.events {ADAS} AND position = {LAST}"], {(MISSING, LAST), ("tile_unreadable", 512)}),
        ([f"DELETE FROM log.events {ADAS} AND position >= 530"], {(MISSING, 530), ("tile_unreadable", 512)}),
        ([f"DELETE FROM log.events {ADAS} AND position >= 512"], {(MISSING, 512), ("tile_unreadable", 512)}),
        ([moved(256, 256 + 1024)], {(MISSING, 256), ("size_differs", 256 + 1024)}),
        (
            [moved(40, -1), moved(300, 40), moved(-1, 300)],
            # The draft from 40 stands behind what became of it at 170.
            {("leaf_differs", 40), ("leaf_differs", 300), ("version_unexpected", 170), ("version_unexpected", 300)},
        ),
        (
            [moved(40, -1), moved(41, 40), moved(42, 41), moved(-1, 42)],
            {("leaf_differs", 40), ("leaf_differs", 41), ("leaf_differs", 42)},
        ),
        (
            [SWAP_SEALED],
            {(kind, position) for kind in ("leaf_differs", "seal_broken") for position in (40, 300)},
        ),
        ([forged(SIZE)], {("size_differs", SIZE)}),
        ([forged(100_000)], {("size_differs", 100_000)}),
        (
            [
                moved(1, 10_000),
                "UPDATE log.events SET tenant = %(ada)s WHERE tenant = %(bob)s AND position = 1",
                f"UPDATE log.events SET tenant = %(bob)s, position = 1 {ADAS} AND position = 10000",
            ],
            # At 92 Ada's document is issued whose draft is with Bob now.
            {("leaf_differs", 1), ("key_missing", 1), ("version_unexpected", 92)},
        ),
        ([f"DELETE FROM log.events {ADAS}"], {(MISSING, 0), (MISSING, 256), (MISSING, 512), ("tile_unreadable", 512)}),
    ],
)
def test_a_row_that_was_deleted_moved_swapped_or_added_is_found_where_it_happened(
    it: Tampered, statements: list[str], expected: set[Place]
) -> None:
    it.tamper(*statements)
    assert places(it.verify()) == expected


def test_an_event_inserted_in_the_middle_is_found_there_and_in_all_that_it_moved(it: Tampered) -> None:
    it.tamper(*SHIFTED, forged(500))
    # From 512 on the tile is made of what the rows say: there the root shows it.
    moved_on = {("leaf_differs", position) for position in range(500, 512)}
    assert places(it.verify()) == moved_on | {("seal_broken", 500), ("root_differs", None), ("size_differs", SIZE)}


TILE = f"{ADAS} AND level = 0 AND index = 1"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (
            [f"UPDATE log.tiles SET hashes = {bit('hashes', 8 * 32 * 44)} {TILE}"],
            {("leaf_differs", 300), ("tile_differs", 256), ("root_differs", None)},
        ),
        ([f"UPDATE log.tiles SET root = {bit('root', 0)} {TILE}"], {("tile_differs", 256)}),
        ([f"DELETE FROM log.tiles {TILE}"], {("tile_unreadable", 256), ("tile_unreadable", 0)}),
        ([f"UPDATE log.tiles SET index = 257 {TILE}"], {("tile_unreadable", 256), ("tile_unreadable", 0)}),
        ([f"UPDATE log.tiles SET tenant = %(bob)s {TILE}"], {("tile_unreadable", 256), ("tile_unreadable", 0)}),
        ([f"UPDATE log.tiles SET level = 1 {TILE}"], {("tile_unreadable", 256), ("tile_unreadable", 0)}),
        (
            [
                f"UPDATE log.tiles SET index = 10 - index {ADAS} AND level = 0",
                f"UPDATE log.tiles SET index = index - 9 {ADAS} AND level = 0",
            ],
            {("leaf_differs", position) for position in range(512)} | {("root_differs", None)},
        ),
    ],
)
def test_a_tile_that_was_changed_is_found_by_its_first_position(
    it: Tampered, statements: list[str], expected: set[Place]
) -> None:
    it.tamper(*statements)
    assert places(it.verify()) == expected


def test_a_head_that_was_set_back_is_found_where_the_log_goes_on_behind_it(it: Tampered) -> None:
    it.tamper(f"UPDATE log.heads SET size = size - 1 {ADAS}")
    assert places(it.verify()) == {("root_differs", None), ("size_differs", LAST)}


def test_a_log_without_its_head_is_not_an_empty_log(it: Tampered) -> None:
    it.tamper(f"DELETE FROM log.heads {ADAS}")
    assert places(it.verify()) == {("size_differs", 0)}


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE log.heads SET size = size + 1 {ADAS}",
        f"UPDATE log.heads SET frontier[1] = {bit('frontier[1]', 0)} {ADAS}",
        f"UPDATE log.heads SET frontier = frontier[2:] {ADAS}",
        f"UPDATE log.checkpoints SET note = overlay(note placing 'AAAA' from 70) {ADAS} AND size = {SIZE}",
        f"UPDATE log.checkpoints SET note = 'x' {ADAS} AND size = {SIZE}",
    ],
)
def test_a_log_whose_head_is_not_what_it_signed_before_signs_nothing(it: Tampered, statement: str) -> None:
    it.tamper(statement)
    with pytest.raises(PublicError) as refused:
        it.verify()
    assert refused.value.code is ErrorCode.LOG_INCONSISTENT


def test_a_false_head_that_gets_signed_is_found_by_its_root(it: Tampered) -> None:
    it.tamper(f"UPDATE log.heads SET frontier[1] = {bit('frontier[1]', 0)} {ADAS}", "DELETE FROM log.checkpoints")
    assert places(it.verify()) == {("root_differs", None)}


def cut_back(it: Tampered) -> None:
    """Make the log end at 512, with all that goes with it; the service, which holds the log key, signs that."""
    it.tamper(
        f"DELETE FROM log.events {ADAS} AND position >= 512",
        f"UPDATE log.heads SET size = 512, frontier = frontier[1:1] {ADAS}",
        f"DELETE FROM log.checkpoints {ADAS}",
    )


def written_anew(it: Tampered) -> None:
    """Change one amount and write the whole log again through the store, as if it had never been otherwise."""
    events = list(it.ada.store.read_log(it.ada.tenant))
    changed = events[300]
    dek = it.ada.keyring.dek(it.ada.tenant, changed.key)
    payload = it.ada.log.at(it.ada.tenant, 300, 300)[0].payload
    forged = encode_content({**payload, "currency": "USD"}, BY)
    events[300] = structs.replace(changed, sealed=seal(dek, forged, entry_aad(changed)))
    it.tamper(*[f"DELETE FROM log.{table} {ADAS}" for table in ("events", "tiles", "heads", "commands", "checkpoints")])
    it.ada.store.append(it.ada.tenant, events, {event.stream: 0 for event in events})


@pytest.mark.parametrize("rewrite", [cut_back, written_anew])
def test_a_history_rewritten_and_signed_with_the_log_key_is_caught_by_what_the_witness_saw(
    it: Tampered, rewrite: Callable[[Tampered], None]
) -> None:
    known = claimed_checkpoint(it.note)
    rewrite(it)
    assert it.verify().ok  # to who knows the log's key alone, this is a log like any other
    size = it.ada.size
    continued = places(it.verify(Trust(it.ada.verifier, earlier=it.note)))
    assert continued == {("history_rewritten", None) if size == SIZE else ("checkpoint_larger", size)}
    assert places(it.verify(Trust(it.ada.verifier, WITNESS))) == {("witness_missing", None)}
    head = claimed_checkpoint(str(it.ada.access.checkpoint(it.ada.tenant)["note"]))
    proof = it.ada.access.growth(it.ada.tenant, known.size)[1]
    with pytest.raises(LogInconsistent):
        check_growth(Head(known.size, known.root), Head(head.size, head.root), proof)


def test_the_other_business_is_as_it_was(it: Tampered) -> None:
    written_anew(it)
    assert it.verify(of=it.bob).ok
