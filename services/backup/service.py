"""The backup service over the bus: entrypoints only."""

from dataclasses import asdict
from typing import Any

import structlog

from services.backup.adapters.taken import Snapshot, SnapshotRunning
from services.backup.dependencies import App
from services.backup.domain.ports import ObjectExists
from services.backup.domain.snapshot import SnapshotRefused
from services.backup.domain.witness import LogInconsistent
from services.backup.handlers import WitnessBusy
from shared.contracts.backup import CosignReply, CosignRequest, SnapshotReply, SnapshotsReply
from shared.contracts.base import NoRequest
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query

_MOST_SNAPSHOTS = 200
_log = structlog.get_logger(__name__)


class BackupService(BaseService):
    """Saves what cannot be replayed, so that this host can neither read nor replace it; and witnesses the logs."""

    name = "backup"
    app = App()

    @command(permission=Permission.BACKUP_RUN, request=NoRequest, reply=SnapshotReply)
    def take_snapshot(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing is asked
        """Take a snapshot of all databases; it is complete when this returns."""
        try:
            return asdict(self.app.take(call.require_command()))
        except SnapshotRunning:
            raise PublicError(
                ErrorCode.CONCURRENT_CHANGE, "A snapshot is being taken: retry when it is done."
            ) from None
        except (SnapshotRefused, ObjectExists, OSError) as problem:
            _log.exception("snapshot_failed", error=type(problem).__name__)
            raise PublicError(ErrorCode.BACKUP_FAILED, "The snapshot could not be taken.") from None

    @query(permission=Permission.BACKUP_READ, request=NoRequest, reply=SnapshotsReply)
    def list_snapshots(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - as above
        """List the snapshots taken, newest first, and say what checks their manifests, and what checkpoints."""
        snapshots: list[Snapshot] = self.app.taken.newest(_MOST_SNAPSHOTS)
        return {
            "snapshots": [asdict(each) for each in snapshots],
            "verifier_key": self.app.verifier_key,
            "witness_key": self.app.witness_key,
        }

    @query(permission=Permission.LOG_READ, request=CosignRequest, reply=CosignReply)
    def cosign(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Look at a log of the tenant, and vouch for its checkpoint if it only grew."""
        try:
            note = self.app.witness.cosign(request["log"], call.require_tenant())
        except LogInconsistent:
            raise PublicError(
                ErrorCode.LOG_INCONSISTENT, "The log does not continue what the witness saw: nothing is cosigned."
            ) from None
        except WitnessBusy:
            raise PublicError(ErrorCode.CONCURRENT_CHANGE, "Others ask about the same log: ask again.") from None
        return {"note": note, "witness_key": self.app.witness_key}
