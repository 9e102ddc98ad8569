"""What services ask about tokens."""

from typing import Any

from services.auth.dependencies import App
from shared.contracts.base import NoRequest
from shared.contracts.permissions import Permission
from shared.contracts.revocations import RecentRevocations, RevocationsReply
from shared.messaging.endpoints import BaseService, Call, query


class RevocationEntrypoints(BaseService):
    """Whose tokens are refused."""

    app: App

    @query(permission=Permission.REVOCATION_READ, request=NoRequest, reply=RevocationsReply)
    def revocations(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - says nothing
        """Tell a service what was revoked lately, in all businesses: ids and places in auth's log."""
        ports = self.app.ports
        recent: RecentRevocations = ports.revocations.recent(ports.clock.now())
        return recent.to_body()
