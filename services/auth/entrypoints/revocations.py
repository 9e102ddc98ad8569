"""What services ask about tokens."""

from typing import Any

from services.auth.dependencies import App
from shared.contracts.permissions import Permission
from shared.contracts.revocations import RecentRevocations, RevocationsReply, RevocationsRequest, Subject
from shared.messaging.endpoints import BaseService, Call, query


class RevocationEntrypoints(BaseService):
    """Whose tokens are refused."""

    app: App

    @query(permission=Permission.REVOCATION_READ, request=RevocationsRequest, reply=RevocationsReply)
    def revocations(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - of all tenants
        """Tell a service what was revoked lately, in all businesses: ids and places in auth's log."""
        ports = self.app.ports
        after = Subject(**request["after"]) if "after" in request else None
        recent: RecentRevocations = ports.revocations.recent(ports.clock.now(), after)
        return recent.to_body()
