"""Entrypoints about making somebody an owner."""

from dataclasses import asdict
from typing import Any

from services.auth import handlers
from services.auth.commands import ApproveOwnerGrant, EndOwnerGrant, RequestOwnerGrant
from services.auth.dependencies import App
from services.auth.replies import Asked
from shared.contracts import owner_grants as contract
from shared.contracts.base import NoRequest
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class OwnerGrantEntrypoints(BaseService):
    """One owner asks, another agrees; the operator where there is no other."""

    app: App

    @command(
        permission=Permission.ROLE_ASSIGN,
        request=contract.RequestOwnerGrantRequest,
        reply=contract.OwnerGrantReply,
        step_up=StepUp.ALWAYS,
    )
    def request_owner_grant(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Ask that somebody become an owner."""
        return self._recorded_grant(
            call,
            handlers.request_owner_grant(
                self.app.ports,
                RequestOwnerGrant(**request),
                tenant=call.require_tenant(),
                by=call.require_actor().id,
                command_id=call.require_command(),
            ),
        )

    @query(permission=Permission.OWNER_APPROVE, request=NoRequest, reply=contract.ListOwnerGrantsReply)
    def list_owner_grants(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing to ask
        """Return what waits, exactly as it is approved."""
        waiting = handlers.waiting_owner_grants(self.app.ports, tenant=call.require_tenant())
        return {"waiting": [each.shown for each in waiting]}

    @command(
        permission=Permission.OWNER_APPROVE,
        request=contract.ApproveOwnerGrantRequest,
        reply=contract.OwnerGrantReply,
        step_up=StepUp.WHERE_ASKED,
    )
    def approve_owner_grant(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Agree to what was shown: a person with a fresh proof; the operator has no factor, but the key on the host."""
        actor = call.require_actor()
        if actor.kind == "person":
            call.require_step_up()
        return self._recorded_grant(
            call,
            handlers.approve_owner_grant(
                self.app.ports,
                ApproveOwnerGrant(**request),
                tenant=call.require_tenant(),
                by=actor.id,
                command_id=call.require_command(),
            ),
        )

    @command(permission=Permission.OWNER_APPROVE, request=contract.EndOwnerGrantRequest, reply=contract.OwnerGrantReply)
    def end_owner_grant(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Withdraw one's own request, or reject another one's: everything stays as it is."""
        return self._recorded_grant(
            call,
            handlers.end_owner_grant(
                self.app.ports,
                EndOwnerGrant(**request),
                tenant=call.require_tenant(),
                by=call.require_actor().id,
                command_id=call.require_command(),
            ),
        )

    def _recorded_grant(self, call: Call, asked: Asked) -> dict[str, Any]:
        receipt = self.app.log_access.receipt(call.require_tenant(), asked.position)
        return {**asdict(asked), "receipt": receipt}
