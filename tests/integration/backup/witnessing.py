"""Logs that can be rewritten, and a witness over a real database.

As a program, `python -m tests.integration.backup.witnessing CONNINFO KEY_SEED WHERE`, it witnesses one log and kills
itself: at `keeping`, before what it saw is kept, or at `cosigning`, after.
"""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.backup.adapters.cosigner import TimedCosigner
from services.backup.adapters.witnessed import WitnessedHeads
from services.backup.domain.ports import Logs
from services.backup.domain.witness import Head
from services.backup.handlers import Witness
from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import PostgresCheckpointStore
from shared.eventstore.log_access import LogAccess
from shared.eventstore.pool import Pool, open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.kernel.clock import SystemClock
from shared.merkle.checkpoint import Checkpoint, origin_for, sign_checkpoint
from shared.merkle.note import NoteSignature
from shared.merkle.tree import consistency_proof, leaf_hash, root_hash
from tests.integration.backup.system import System

TENANT = "019aa0e5-1111-7000-8000-000000000001"
DOMAIN = "tallystick.example"
ORIGIN = origin_for(f"invoices.{DOMAIN}", TENANT)


def leaves(*entries: str) -> list[bytes]:
    return [leaf_hash(entry.encode()) for entry in entries]


@dataclass
class RewritableLog:
    """A log whose keeper does what he likes with it; its key is the genuine one. Proofs are the best he can make."""

    key: SigningKey
    leaves: list[bytes] = field(default_factory=lambda: leaves("a", "b", "c"))
    origin: str = ORIGIN

    def growth(self, log: str, tenant: str, since: int) -> tuple[str, Sequence[bytes]]:  # noqa: ARG002 - it is one log
        size = len(self.leaves)
        note = sign_checkpoint(Checkpoint(self.origin, size, root_hash(self.leaves)), self.key)
        return note, consistency_proof(self.leaves, since, size) if since <= size else []


class StoredLog:
    """A log in a real database, read and signed as the invoices service does it."""

    def __init__(self, system: System, key: SigningKey) -> None:
        self.database = system.databases["invoices"]
        pool = self.database.pool()
        self._access = LogAccess(
            store=PostgresEventStore(pool),
            checkpoints=PostgresCheckpointStore(pool),
            keyring=system.keyring(self.database),
            keys=PostgresKeyStore(pool),
            signing_key=key,
            log_domain=f"invoices.{DOMAIN}",
        )

    def growth(self, log: str, tenant: str, since: int) -> tuple[str, Sequence[bytes]]:  # noqa: ARG002 - it is one log
        return self._access.growth(tenant, since)

    def forget(self, tenant: str) -> None:
        """Remove a tenant's history, as a superuser who means it can."""
        with self.database.connect_as_admin() as admin:
            for table in ("events", "commands", "tiles", "checkpoints", "heads"):
                admin.execute(f"ALTER TABLE log.{table} DISABLE TRIGGER ALL")
                admin.execute(f"DELETE FROM log.{table} WHERE tenant = %s", [tenant])  # noqa: S608 - names from above
                admin.execute(f"ALTER TABLE log.{table} ENABLE TRIGGER ALL")


def witness_over(pool: Pool, log: Logs, log_key: SigningKey, witness_key: SigningKey) -> Witness:
    cosigner = TimedCosigner(DOMAIN, witness_key, SystemClock())
    return Witness(log, WitnessedHeads(pool), cosigner, {"invoices": log_key.public, "auth": log_key.public}, DOMAIN)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingHeads(WitnessedHeads):
    """Dies where it should keep."""

    def keep(self, log: str, tenant: str, known: Head | None, head: Head, note: str) -> bool:
        die()
        return super().keep(log, tenant, known, head, note)


class DyingCosigner:
    """Dies where it should cosign."""

    def cosign(self, text: str) -> NoteSignature:
        die()
        raise AssertionError(text)


def main(conninfo: str, seed: str, where: str) -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))
    witness = witness_over(open_pool(conninfo, max_size=2), RewritableLog(key), key, SigningKey.generate())
    match where:
        case "keeping":
            witness = replace(witness, heads=DyingHeads(witness.heads.pool))  # type: ignore[attr-defined]  # ours
        case "cosigning":
            witness = replace(witness, cosigner=DyingCosigner())
    witness.cosign("invoices", TENANT)


if __name__ == "__main__":
    main(*sys.argv[1:])
