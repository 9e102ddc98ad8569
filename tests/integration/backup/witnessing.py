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
from services.backup.domain.witness import Head
from services.backup.handlers import Witness
from shared.crypto.signing import SigningKey
from shared.eventstore.pool import Pool, open_pool
from shared.kernel.clock import SystemClock
from shared.merkle.checkpoint import Checkpoint, origin_for, sign_checkpoint
from shared.merkle.note import NoteSignature
from shared.merkle.tree import consistency_proof, leaf_hash, root_hash

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


def witness_over(pool: Pool, log: RewritableLog, log_key: SigningKey, witness_key: SigningKey) -> Witness:
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
