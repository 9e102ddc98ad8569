"""Entrypoints about a business and its people."""

from typing import Any

from services.auth import handlers
from services.auth.commands import CreateTenant, InviteUser
from services.auth.dependencies import App
from services.auth.replies import Invited
from shared.contracts import auth as contract
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command


class TenantEntrypoints(BaseService):
    """Businesses and invitations."""

    app: App

    @command(
        permission=Permission.TENANT_CREATE,
        request=contract.CreateTenantRequest,
        reply=contract.CreateTenantReply,
    )
    def create_tenant(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Take in a business and invite its owner."""
        invited = handlers.create_tenant(
            self.app.ports, CreateTenant(**request), by=call.require_actor().id, command_id=call.require_command()
        )
        return {**self._receipted(invited), "tenant": invited.tenant}

    @command(
        permission=Permission.USER_INVITE,
        request=contract.InviteUserRequest,
        reply=contract.InviteUserReply,
    )
    def invite_user(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Invite a person to the caller's tenant."""
        invited = handlers.invite_user(
            self.app.ports,
            InviteUser(**request),
            tenant=call.require_tenant(),
            by=call.require_actor().id,
            command_id=call.require_command(),
        )
        return self._receipted(invited)

    def _receipted(self, invited: Invited) -> dict[str, Any]:
        """Answer with the receipt of the command's last event: a retry gets the very same."""
        return {
            "user_id": invited.user_id,
            "invitation": invited.invitation,
            "position": invited.position,
            "receipt": self.app.log_access.receipt(invited.tenant, invited.position),
        }
