"""Proofs over the real store: the same as from the whole tree, in few reads, and the same while the log grows."""

from collections.abc import Sequence

import pytest

from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import PostgresCheckpointStore
from shared.eventstore.entry import log_entry
from shared.eventstore.log import TenantLog
from shared.eventstore.log_access import LogAccess
from shared.eventstore.model import NewEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.registry import EventRegistry
from shared.kernel.ids import new_id
from shared.merkle.checkpoint import verify_checkpoint
from shared.merkle.note import NoteVerifier
from shared.merkle.tlog_proof import TlogProof
from shared.merkle.tree import consistency_proof, inclusion_proof, leaf_hash, root_hash
from tests.keyrings import CLOCK, keyring_over
from tests.stack import Database

pytestmark = pytest.mark.integration

SIZE = 1100
LEVELS = 2


class CountingStore(PostgresEventStore):
    """Counts the reads of the tree."""

    reads = 0

    def full_tile(self, tenant: str, level: int, index: int) -> bytes | None:
        self.reads += 1
        return super().full_tile(tenant, level, index)

    def tile_roots(self, tenant: str, level: int, first: int, count: int) -> Sequence[bytes]:
        self.reads += 1
        return super().tile_roots(tenant, level, first, count)

    def leaf_hashes(self, tenant: str, first: int, count: int) -> Sequence[bytes]:
        self.reads += 1
        return super().leaf_hashes(tenant, first, count)


class Proving:
    """A log of 1100 events in PostgreSQL, and the access to it."""

    def __init__(self, database: Database) -> None:
        pool = database.pool()
        self.tenant, self.store, keys = new_id(), CountingStore(pool), PostgresKeyStore(pool)
        keyring = keyring_over(keys)
        keyring.create_tenant(self.tenant)
        self.log = TenantLog(self.store, keyring, EventRegistry({"InvoiceDrafted": 1}), CLOCK)
        self.access = LogAccess(
            store=self.store,
            checkpoints=PostgresCheckpointStore(pool),
            keyring=keyring,
            keys=keys,
            signing_key=SigningKey.generate(),
            log_domain="invoices.tallystick.example",
        )
        self.grow(SIZE)
        self.verifier = NoteVerifier.parse(self.access.verifier_key(self.tenant))

    def grow(self, count: int) -> None:
        version = self.store.version(self.tenant, "invoice-1")
        events = [NewEvent("invoice-1", "InvoiceDrafted", 1, {}, "tenant")] * count
        self.log.append(self.tenant, events, {"invoice-1": version})

    def leaves(self) -> list[bytes]:
        return [leaf_hash(log_entry(event)) for event in self.store.read_log(self.tenant)]


@pytest.fixture
def proving(invoices: Database) -> Proving:
    return Proving(invoices)


def test_proofs_are_those_of_the_whole_tree_in_two_reads_a_level(proving: Proving) -> None:
    it, leaves = proving, proving.leaves()
    for position, size in ((0, SIZE), (255, 256), (256, 257), (700, 1024), (SIZE - 1, SIZE)):
        it.store.reads = 0
        proof = TlogProof.from_text(it.access.prove(it.tenant, position, size))
        assert list(proof.hashes) == inclusion_proof(leaves, position, size)
        shown = proof.verify([it.verifier], it.verifier.name)
        assert (shown.position, shown.checkpoint.root) == (position, root_hash(leaves[:size]))
        assert 0 < it.store.reads <= 2 * LEVELS, "the tree's root among them"
    for first, second in ((1, SIZE), (256, 1024), (1000, 1001)):
        it.store.reads = 0
        assert it.access.consistency(it.tenant, first, second) == consistency_proof(leaves, first, second)
        assert 0 < it.store.reads <= 2 * LEVELS


def test_receipts_and_checkpoints_are_the_same_after_the_log_has_grown(proving: Proving) -> None:
    it, positions = proving, (0, 255, 256, SIZE - 1)
    before = [it.access.receipt(it.tenant, position) for position in positions]
    note = it.access.checkpoint(it.tenant)["note"]
    it.grow(300)
    assert [it.access.receipt(it.tenant, position) for position in positions] == before
    assert it.access.checkpoint(it.tenant, SIZE)["note"] == note
    assert verify_checkpoint(str(note), [it.verifier], it.verifier.name).size == SIZE
