"""Checkpoints, proofs, receipts and tiles of a log: checked with the public formats alone, made in few reads."""

import base64
import hashlib
import json
from collections.abc import Sequence

import pyrage
import pytest
from structlog.testing import capture_logs

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.age import decrypt_with
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import InMemoryCheckpointStore
from shared.eventstore.entry import log_entry
from shared.eventstore.log import TenantLog
from shared.eventstore.log_access import LogAccess
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import Edge, NewEvent
from shared.eventstore.registry import EventRegistry
from shared.eventstore.tiles import StoredTiles
from shared.kernel.ids import new_id
from shared.merkle.checkpoint import Checkpoint, verify_checkpoint
from shared.merkle.note import NoteVerifier
from shared.merkle.tiles import root_from_tiles, tiles_of
from shared.merkle.tlog_proof import TlogProof, VerifiedEntry
from shared.merkle.tree import leaf_hash, root_hash, verify_consistency
from tests.keyrings import CLOCK, keyring_over

SIZE = 600
DIGEST = hashlib.sha256(b"an invoice").hexdigest()


class CountingStore(InMemoryEventStore):
    """Counts the reads that proofs make."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []

    def edge(self, tenant: str, size: int) -> Edge | None:
        self.reads.append(f"edge of {size}")
        return super().edge(tenant, size)

    def full_tile(self, tenant: str, level: int, index: int) -> bytes | None:
        self.reads.append(f"full {level}/{index}")
        return super().full_tile(tenant, level, index)

    def tile_roots(self, tenant: str, level: int, first: int, count: int) -> Sequence[bytes]:
        self.reads.append(f"roots {level}/{first}+{count}")
        return super().tile_roots(tenant, level, first, count)

    def leaf_hashes(self, tenant: str, first: int, count: int) -> Sequence[bytes]:
        self.reads.append(f"leaves {first}+{count}")
        return super().leaf_hashes(tenant, first, count)


class Fixture:
    """A tenant's log of 600 events, the first of which binds a digest, and the access to it."""

    def __init__(self) -> None:
        self.tenant = new_id()
        self.store, self.keys, self.checkpoints = CountingStore(), InMemoryKeyStore(), InMemoryCheckpointStore()
        keyring = keyring_over(self.keys)
        keyring.create_tenant(self.tenant)
        self.log = TenantLog(self.store, keyring, EventRegistry({"InvoiceDrafted": 1}), CLOCK)
        bound = NewEvent("invoice-1", "InvoiceDrafted", 1, {}, "customer-0", DIGEST)
        others = [NewEvent("invoice-1", "InvoiceDrafted", 1, {}, f"customer-{n % 3}") for n in range(1, SIZE)]
        self.log.append(self.tenant, [bound, *others], {"invoice-1": 0})
        self.access = LogAccess(
            store=self.store,
            checkpoints=self.checkpoints,
            keyring=keyring,
            keys=self.keys,
            signing_key=SigningKey.generate(),
            log_domain="tallystick.example",
        )
        self.leaves = [leaf_hash(log_entry(event)) for event in self.store.read_log(self.tenant)]
        self.origin = f"tallystick.example/tallystick/{self.tenant}"
        self.verifier = NoteVerifier.parse(self.access.verifier_key(self.tenant))

    def grow(self, count: int) -> None:
        """Append events to the stream."""
        version = self.store.version(self.tenant, "invoice-1")
        events = [NewEvent("invoice-1", "InvoiceDrafted", 1, {}, "tenant")] * count
        self.log.append(self.tenant, events, {"invoice-1": version})

    def shown(self, proof: str) -> VerifiedEntry:
        """Check a proof as its holder does: with the log's key and name alone."""
        return TlogProof.from_text(proof).verify([self.verifier], self.origin)

    def signed(self, size: int | None = None) -> Checkpoint:
        return verify_checkpoint(str(self.access.checkpoint(self.tenant, size)["note"]), [self.verifier], self.origin)


@pytest.fixture(scope="module")
def it() -> Fixture:
    return Fixture()


@pytest.fixture
def own() -> Fixture:
    """For a test that changes the log."""
    return Fixture()


# ---- Checkpoints


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 599, 600])
def test_a_checkpoint_of_any_size_the_log_had_signs_the_root_it_had(it: Fixture, size: int) -> None:
    checkpoint = it.signed(size)
    assert (checkpoint.size, checkpoint.root) == (size, root_hash(it.leaves[:size]))


def test_no_checkpoint_is_signed_beyond_the_log(it: Fixture) -> None:
    with pytest.raises(PublicError) as refused:
        it.access.checkpoint(it.tenant, SIZE + 1)
    assert (refused.value.code, refused.value.details) == (ErrorCode.TREE_SIZE_UNKNOWN, {"size": SIZE + 1})


def test_a_log_that_signed_another_root_for_this_size_signs_nothing(it: Fixture) -> None:
    other = LogAccess(
        store=it.store,
        checkpoints=it.checkpoints,
        keyring=keyring_over(it.keys),
        keys=it.keys,
        signing_key=SigningKey.generate(),
        log_domain="tallystick.example",
    )
    tenant = new_id()
    note = str(it.access.checkpoint(it.tenant, 3)["note"])
    it.checkpoints.keep(tenant, 0, note)
    with capture_logs() as logged, pytest.raises(PublicError) as refused:
        other.checkpoint(tenant)
    assert refused.value.code is ErrorCode.LOG_INCONSISTENT
    assert [(each["log_level"], each["event"], each["tenant"]) for each in logged] == [
        ("critical", "log_inconsistent", tenant)
    ]


def test_another_signing_key_contradicts_nothing(it: Fixture) -> None:
    it.access.checkpoint(it.tenant, 5)
    renewed = LogAccess(
        store=it.store,
        checkpoints=it.checkpoints,
        keyring=keyring_over(it.keys),
        keys=it.keys,
        signing_key=SigningKey.generate(),
        log_domain="tallystick.example",
    )
    assert renewed.checkpoint(it.tenant, 5)["root"] == it.access.checkpoint(it.tenant, 5)["root"]


# ---- Proofs


@pytest.mark.parametrize(("position", "size"), [(0, None), (0, 1), (255, 256), (256, 600), (599, None), (3, 300)])
def test_an_event_is_proved_in_the_tree_that_was_asked_for(it: Fixture, position: int, size: int | None) -> None:
    shown = it.shown(it.access.prove(it.tenant, position, size))
    assert (shown.position, shown.checkpoint.size) == (position, size or SIZE)
    assert leaf_hash(shown.entry) == it.leaves[position]


def test_a_proof_binds_the_artefact_by_its_digest(it: Fixture) -> None:
    assert json.loads(it.shown(it.access.prove(it.tenant, 0)).entry)["digest"] == DIGEST


@pytest.mark.parametrize(("position", "size"), [(SIZE, None), (2**61, None), (5, 5), (5, 0)])
def test_an_event_outside_the_tree_is_not_proved(it: Fixture, position: int, size: int | None) -> None:
    with pytest.raises(PublicError) as refused:
        it.access.prove(it.tenant, position, size)
    assert (refused.value.code, refused.value.details) == (ErrorCode.POSITION_UNKNOWN, {"position": position})


def test_an_event_is_not_proved_in_a_tree_that_is_not_there(it: Fixture) -> None:
    with pytest.raises(PublicError) as refused:
        it.access.prove(it.tenant, 5, SIZE + 1)
    assert refused.value.code is ErrorCode.TREE_SIZE_UNKNOWN


@pytest.mark.parametrize(("first", "second"), [(0, 600), (1, 2), (255, 257), (256, 600), (600, 600)])
def test_the_log_is_proved_to_have_only_grown(it: Fixture, first: int, second: int) -> None:
    proof = it.access.consistency(it.tenant, first, second)
    verify_consistency(first, it.signed(first).root, second, it.signed(second).root, proof)


def test_growth_beyond_the_log_is_not_proved(it: Fixture) -> None:
    with pytest.raises(PublicError) as refused:
        it.access.consistency(it.tenant, 1, SIZE + 1)
    assert refused.value.code is ErrorCode.TREE_SIZE_UNKNOWN


@pytest.mark.parametrize("since", [0, 1, 256, 599, 600])
def test_the_witness_gets_the_head_and_the_proof_that_leads_to_it(it: Fixture, since: int) -> None:
    note, proof = it.access.growth(it.tenant, since)
    head = verify_checkpoint(note, [it.verifier], it.origin)
    assert head.size == SIZE
    verify_consistency(since, root_hash(it.leaves[:since]), head.size, head.root, proof)


def test_a_log_that_shrank_has_a_head_and_no_proof(it: Fixture) -> None:
    note, proof = it.access.growth(it.tenant, SIZE + 1)
    assert verify_checkpoint(note, [it.verifier], it.origin).size == SIZE
    assert proof == []


# ---- Receipts


def test_a_receipt_is_the_same_however_far_the_log_has_grown(own: Fixture) -> None:
    before = [own.access.receipt(own.tenant, position) for position in (0, 255, 256, 599)]
    own.grow(1000)
    assert [own.access.receipt(own.tenant, position) for position in (0, 255, 256, 599)] == before
    for position, receipt in zip((0, 255, 256, 599), before, strict=True):
        shown = own.shown(receipt)
        assert (shown.position, shown.checkpoint.size) == (position, position + 1)


def test_there_is_no_receipt_for_what_did_not_happen(it: Fixture) -> None:
    with pytest.raises(PublicError) as refused:
        it.access.receipt(it.tenant, SIZE)
    assert refused.value.code is ErrorCode.POSITION_UNKNOWN


# ---- Tiles


def test_all_tiles_of_the_log_lead_to_its_root(it: Fixture) -> None:
    tiles = {each: it.access.tile(it.tenant, each.level, each.index, each.width) for each in tiles_of(SIZE)}
    assert [len(content) for content in tiles.values()] == [32 * tile.width for tile in tiles]
    assert root_from_tiles(StoredTiles(it.store, it.tenant), SIZE) == root_hash(it.leaves)


def test_an_earlier_partial_tile_is_a_prefix_of_what_it_became(it: Fixture) -> None:
    assert it.access.tile(it.tenant, 0, 1, 256).startswith(it.access.tile(it.tenant, 0, 1, 44))
    assert it.access.tile(it.tenant, 1, 0, 2).startswith(it.access.tile(it.tenant, 1, 0, 1))


@pytest.mark.parametrize(
    ("level", "index", "width"), [(0, 2, 89), (0, 3, 1), (1, 0, 3), (2, 0, 1), (63, 0, 1), (0, 2**62, 1)]
)
def test_a_tile_that_the_tree_does_not_have_is_refused(it: Fixture, level: int, index: int, width: int) -> None:
    with pytest.raises(PublicError) as refused:
        it.access.tile(it.tenant, level, index, width)
    assert refused.value.code is ErrorCode.TILE_UNKNOWN


# ---- What it costs


def test_a_proof_reads_two_tiles_a_level_at_most(it: Fixture) -> None:
    levels = 2
    for ask in (
        lambda: it.access.prove(it.tenant, 3),
        lambda: it.access.consistency(it.tenant, 100, 600),
        lambda: it.access.growth(it.tenant, 100),
    ):
        it.store.reads.clear()
        ask()
        assert 0 < len(it.store.reads) <= 2 * levels
        assert len(set(it.store.reads)) == len(it.store.reads)


def test_a_receipt_reads_once(it: Fixture) -> None:
    for position in (0, 255, 256, 300, SIZE - 1):
        it.store.reads.clear()
        it.access.receipt(it.tenant, position)
        assert it.store.reads == [f"edge of {position + 1}"]


def test_the_newest_checkpoint_reads_no_tile(it: Fixture) -> None:
    it.store.reads.clear()
    it.access.checkpoint(it.tenant)
    assert it.store.reads == []


# ---- Keys of a range


def exported(it: Fixture, events: tuple[int, int] | None) -> set[str]:
    identity = pyrage.x25519.Identity.generate()
    answer = it.access.export_keys(it.tenant, str(identity.to_public()), events)
    return set(json.loads(decrypt_with(str(identity), base64.b64decode(str(answer["keys_base64"])))))


def test_only_the_keys_of_the_range_are_exported(it: Fixture) -> None:
    keys = [event.key for event in it.store.read_log(it.tenant)]
    assert exported(it, (1, 2)) == {keys[1], keys[2]}
    assert exported(it, (0, 599)) == set(keys) == exported(it, None)


def test_keys_of_events_that_are_not_there_are_not_exported(it: Fixture) -> None:
    with pytest.raises(PublicError) as refused:
        exported(it, (0, SIZE))
    assert refused.value.code is ErrorCode.POSITION_UNKNOWN
