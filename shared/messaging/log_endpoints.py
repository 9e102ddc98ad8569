"""The three queries that every service with a log offers to auditors and to the backup."""

from typing import Protocol

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.log import (
    CheckpointReply,
    CheckpointRequest,
    ExportKeysReply,
    ExportKeysRequest,
    ReadLogReply,
    ReadLogRequest,
)
from shared.contracts.permissions import Permission
from shared.crypto.age import RecipientInvalid
from shared.eventstore.log_access import LogAccess
from shared.messaging.endpoints import Application, BaseService, Call, Reply, Request, query


class ApplicationWithLog(Application, Protocol):
    """A composition root that can show its log."""

    log_access: LogAccess


class LogEndpoints(BaseService):
    """Mixed into a service: `class InvoicesService(LogEndpoints)`."""

    app: ApplicationWithLog

    @query(permission=Permission.LOG_READ, request=ReadLogRequest, reply=ReadLogReply)
    def read_log(self, call: Call, request: Request) -> Reply:
        """Return a page of the tenant's log as it is at rest: sealed."""
        return self.app.log_access.read_log(call.require_tenant(), request["after"], request["limit"])

    @query(permission=Permission.LOG_READ, request=CheckpointRequest, reply=CheckpointReply)
    def checkpoint(self, call: Call, request: Request) -> Reply:  # noqa: ARG002 - there is nothing in it
        """Return the signed head of the tenant's tree."""
        return self.app.log_access.checkpoint(call.require_tenant())

    @query(permission=Permission.LOG_EXPORT, request=ExportKeysRequest, reply=ExportKeysReply)
    def export_keys(self, call: Call, request: Request) -> Reply:
        """Return the tenant's keys, readable by the holder of one age identity and by nobody on the way."""
        try:
            return self.app.log_access.export_keys(call.require_tenant(), request["recipient"])
        except RecipientInvalid:
            raise PublicError(ErrorCode.RECIPIENT_INVALID, "The recipient is not an age public key.") from None
