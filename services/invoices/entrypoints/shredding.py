"""Entrypoints about forgetting a customer."""

from dataclasses import asdict
from typing import Any

from services.invoices.commands.shredding import ApproveShredding, EndShredding, RequestShredding
from services.invoices.dependencies import App
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import shredding
from shared.contracts import shredding as contract
from shared.contracts.base import NoRequest
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class ShreddingEntrypoints(BaseService):
    """One person where no retention period runs, two where it is overridden."""

    app: App

    @command(
        permission=Permission.SHREDDING_REQUEST,
        request=contract.RequestShreddingRequest,
        reply=contract.ShreddingReply,
        step_up=StepUp.ALWAYS,
    )
    def request_shredding(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Ask that a customer be forgotten; where no retention period runs it is done at once."""
        asked = shredding.request_shredding(
            self.app.ports,
            RequestShredding(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, asdict(asked))

    @command(
        permission=Permission.SHREDDING_APPROVE,
        request=contract.ApproveShreddingRequest,
        reply=contract.ShreddingReply,
        step_up=StepUp.ALWAYS,
    )
    def approve_shredding(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Agree, as a second person, that a customer be forgotten."""
        agreed = shredding.approve_shredding(
            self.app.ports,
            ApproveShredding(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, asdict(agreed))

    @command(
        permission=Permission.SHREDDING_REQUEST,
        request=contract.EndShreddingRequest,
        reply=contract.EndShreddingReply,
    )
    def end_shredding(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Withdraw one's own request, or reject another one's: the customer stays."""
        position = shredding.end_shredding(
            self.app.ports,
            EndShredding(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, {"position": position})

    @query(permission=Permission.SHREDDING_REQUEST, request=NoRequest, reply=contract.ListShreddingsReply)
    def list_shreddings(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing to ask
        """Return what waits for a second person, exactly as it is approved."""
        tenant = call.require_tenant()
        waiting = shredding.waiting_shreddings(self.app.ports, self.app.queries.overrides(tenant), tenant=tenant)
        return {"waiting": [each.shown for each in waiting]}

    @query(
        permission=Permission.SHREDDING_REQUEST,
        request=contract.GetShreddingRequest,
        reply=contract.ShreddingStateReply,
    )
    def get_shredding(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return what was asked and decided about forgetting a customer."""
        found = shredding.get_shredding(
            self.app.ports, tenant=call.require_tenant(), customer_id=request["customer_id"]
        )
        return {name: value for name, value in asdict(found).items() if value is not None}
