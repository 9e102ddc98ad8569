"""Entrypoints of owners about the accounts of others."""

from typing import Any

from services.auth import handlers
from services.auth.commands import DisableUser, EnableUser, UnlockUser
from services.auth.dependencies import App
from shared.contracts import administration as contract
from shared.contracts.permissions import Permission
from shared.kernel.clock import to_rfc3339
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class AdministrationEntrypoints(BaseService):
    """Disabling and unlocking."""

    app: App

    @command(
        permission=Permission.USER_DISABLE,
        request=contract.DisableUserRequest,
        reply=contract.UserChangedReply,
        step_up=StepUp.ALWAYS,
    )
    def disable_user(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Close somebody's account and end their sessions."""
        position = handlers.disable_user(
            self.app.ports,
            DisableUser(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return self._changed(call, request, position)

    @command(
        permission=Permission.USER_DISABLE,
        request=contract.UserRequest,
        reply=contract.UserChangedReply,
        step_up=StepUp.ALWAYS,
    )
    def enable_user(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Open a disabled account again."""
        position = handlers.enable_user(
            self.app.ports, EnableUser(**request), tenant=call.require_tenant(), command_id=call.require_command()
        )
        return self._changed(call, request, position)

    @command(
        permission=Permission.USER_UNLOCK,
        request=contract.UserRequest,
        reply=contract.UserChangedReply,
        step_up=StepUp.ALWAYS,
    )
    def unlock_user(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Lift the lock that failures brought."""
        position = handlers.unlock_user(
            self.app.ports, UnlockUser(**request), tenant=call.require_tenant(), command_id=call.require_command()
        )
        return self._changed(call, request, position)

    @query(permission=Permission.USER_UNLOCK, request=contract.UserRequest, reply=contract.LockStateReply)
    def lock_state(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Tell how many failures in a row an account has, and until when it is closed."""
        failures, opens_at = handlers.lock_state(
            self.app.ports, tenant=call.require_tenant(), user_id=request["user_id"]
        )
        closed = {} if opens_at is None else {"closed_until": to_rfc3339(opens_at)}
        return {"user_id": request["user_id"], "failures": failures, **closed}

    def _changed(self, call: Call, request: dict[str, Any], position: int) -> dict[str, Any]:
        receipt = self.app.log_access.receipt(call.require_tenant(), position)
        return {"user_id": request["user_id"], "position": position, "receipt": receipt}
