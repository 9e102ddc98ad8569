"""Entrypoints about inviting somebody anew."""

from typing import Any

from services.auth import handlers
from services.auth.commands import ApproveFactorReset, EndFactorReset, RequestFactorReset
from services.auth.dependencies import App
from shared.contracts import resets as contract
from shared.contracts.administration import UserChangedReply
from shared.contracts.base import NoRequest
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class FactorResetEntrypoints(BaseService):
    """One owner asks, another agrees. The operator has no call for it, but the host (break_glass.py)."""

    app: App

    @command(
        permission=Permission.FACTORS_RESET,
        request=contract.RequestFactorResetRequest,
        reply=contract.RequestFactorResetReply,
        step_up=StepUp.ALWAYS,
    )
    def request_factor_reset(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Ask that somebody enrols anew; a second owner has to agree."""
        requested = handlers.request_factor_reset(
            self.app.ports,
            RequestFactorReset(**request),
            tenant=call.require_tenant(),
            by=call.require_person().id,
            command_id=call.require_command(),
        )
        recorded = self._reset(call, request, requested.position)
        return {**recorded, "request_id": requested.request_id, "expires_at": requested.expires_at}

    @query(permission=Permission.FACTORS_RESET, request=NoRequest, reply=contract.ListFactorResetsReply)
    def list_factor_resets(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - says nothing
        """Return what waits, exactly as it is approved."""
        waiting = handlers.waiting_factor_resets(self.app.ports, tenant=call.require_tenant())
        return {"waiting": [each.shown for each in waiting]}

    @command(
        permission=Permission.FACTORS_RESET,
        request=contract.ApproveFactorResetRequest,
        reply=contract.ApproveFactorResetReply,
        step_up=StepUp.ALWAYS,
    )
    def approve_factor_reset(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Agree to what was shown; the new invitation is to be handed over in person."""
        invited = handlers.approve_factor_reset(
            self.app.ports,
            ApproveFactorReset(**request),
            tenant=call.require_tenant(),
            by=call.require_person().id,
            command_id=call.require_command(),
        )
        return {**self._reset(call, request, invited.position), "invitation": invited.invitation}

    @command(permission=Permission.FACTORS_RESET, request=contract.EndFactorResetRequest, reply=UserChangedReply)
    def end_factor_reset(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Withdraw one's own request, or reject another one's: everything stays as it is."""
        position = handlers.end_factor_reset(
            self.app.ports,
            EndFactorReset(**request),
            tenant=call.require_tenant(),
            by=call.require_person().id,
            command_id=call.require_command(),
        )
        return self._reset(call, request, position)

    def _reset(self, call: Call, request: dict[str, Any], position: int) -> dict[str, Any]:
        receipt = self.app.log_access.receipt(call.require_tenant(), position)
        return {"user_id": request["user_id"], "position": position, "receipt": receipt}
