"""The queries that every service with a log offers to auditors, to the backup and to the witness."""

import base64
from typing import Protocol

from shared.contracts import log as contract
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.crypto.age import RecipientInvalid
from shared.eventstore.log_access import LogAccess
from shared.messaging.endpoints import Application, BaseService, Call, Reply, Request, query
from shared.messaging.step_up import StepUp


class ApplicationWithLog(Application, Protocol):
    """A composition root that can show its log."""

    log_access: LogAccess


class LogEndpoints(BaseService):
    """Mixed into a service: `class InvoicesService(LogEndpoints)`."""

    app: ApplicationWithLog

    @query(permission=Permission.LOG_READ, request=contract.ReadLogRequest, reply=contract.ReadLogReply)
    def read_log(self, call: Call, request: Request) -> Reply:
        """Return a page of the tenant's log as it is at rest: sealed."""
        return self.app.log_access.read_log(call.require_tenant(), request["after"], request["limit"])

    @query(permission=Permission.LOG_READ, request=contract.ReadStreamRequest, reply=contract.ReadStreamReply)
    def read_stream(self, call: Call, request: Request) -> Reply:
        """Return a page of one of the tenant's streams as it is at rest: sealed."""
        asked = (request["stream"], request["after"], request["limit"])
        return self.app.log_access.read_stream(call.require_tenant(), *asked)

    @query(permission=Permission.LOG_READ, request=contract.PositionAtRequest, reply=contract.PositionAtReply)
    def position_at(self, call: Call, request: Request) -> Reply:
        """Return how far the tenant's log had got at an instant."""
        return self.app.log_access.position_at(call.require_tenant(), request["instant"])

    @query(permission=Permission.LOG_READ, request=contract.CheckpointRequest, reply=contract.CheckpointReply)
    def checkpoint(self, call: Call, request: Request) -> Reply:
        """Return the signed head of the tenant's tree, or of an earlier one."""
        return self.app.log_access.checkpoint(call.require_tenant(), request.get("size"))

    @query(permission=Permission.LOG_READ, request=contract.TileRequest, reply=contract.TileReply)
    def tile(self, call: Call, request: Request) -> Reply:
        """Return a tile of the tenant's tree."""
        asked = (request["level"], request["index"], request["width"])
        hashes = self.app.log_access.tile(call.require_tenant(), *asked)
        return {"hashes_base64": base64.b64encode(hashes).decode("ascii")}

    @query(permission=Permission.LOG_READ, request=contract.ProveRequest, reply=contract.ProveReply)
    def prove(self, call: Call, request: Request) -> Reply:
        """Prove that an event is in the tenant's log."""
        return {
            "proof": self.app.log_access.prove(call.require_tenant(), request["position"], request.get("size")),
        }

    @query(permission=Permission.LOG_READ, request=contract.ConsistencyRequest, reply=contract.ConsistencyReply)
    def consistency(self, call: Call, request: Request) -> Reply:
        """Prove that the tenant's log only grew from one size to another."""
        proof = self.app.log_access.consistency(call.require_tenant(), request["first"], request["second"])
        return {"hashes": [each.hex() for each in proof]}

    @query(permission=Permission.LOG_WITNESS, request=contract.GrowthRequest, reply=contract.GrowthReply)
    def growth(self, call: Call, request: Request) -> Reply:
        """Return the signed head, and prove to the witness that the log only grew since it last looked."""
        note, proof = self.app.log_access.growth(call.require_tenant(), request["since"])
        return {"note": note, "hashes": [each.hex() for each in proof]}

    @query(
        permission=Permission.LOG_EXPORT,
        request=contract.ExportKeysRequest,
        reply=contract.ExportKeysReply,
        step_up=StepUp.ALWAYS,
    )
    def export_keys(self, call: Call, request: Request) -> Reply:
        """Return the tenant's keys, readable by the holder of one age identity and by nobody on the way."""
        events = (request["first"], request["last"]) if "first" in request else None
        return self._keys(call.require_tenant(), request["recipient"], events)

    @query(
        permission=Permission.LOG_EXPORT,
        request=contract.ExportKeysOfRequest,
        reply=contract.ExportKeysOfReply,
        step_up=StepUp.ALWAYS,
    )
    def export_keys_of(self, call: Call, request: Request) -> Reply:
        """Return the keys of single events, each apart; one proof of a factor for all of them."""
        tenant, recipient = call.require_tenant(), request["recipient"]
        positions: list[int] = request["positions"]
        return {
            "keys": [{"position": each, **self._keys(tenant, recipient, (each, each))} for each in positions],
        }

    def _keys(self, tenant: str, recipient: str, events: tuple[int, int] | None) -> dict[str, object]:
        try:
            return self.app.log_access.export_keys(tenant, recipient, events)
        except RecipientInvalid:
            raise PublicError(ErrorCode.RECIPIENT_INVALID, "The recipient is not an age public key.") from None
