"""Entrypoints about series of numbers and their register."""

from typing import Any

from services.invoices.codec import read
from services.invoices.commands.numbering import ConfigureSeries
from services.invoices.dependencies import App
from services.invoices.domain.series import Counter, Series
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import numbering
from services.invoices.history import load_numbering
from shared.contracts import numbering as contract
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class NumberingEntrypoints(BaseService):
    """Series and registers."""

    app: App

    @command(
        permission=Permission.TENANT_CONFIGURE,
        request=contract.ConfigureSeriesRequest,
        reply=contract.ConfigureSeriesReply,
        step_up=StepUp.WHERE_ASKED,
    )
    def configure_series(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Say how documents are numbered, from the next number on; with a fresh proof, as it cannot be taken back."""
        position = numbering.configure_series(
            self.app.ports,
            ConfigureSeries(read(request, Series)),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            require_step_up=call.require_step_up,
        )
        return receipted(self.app, call, {"position": position})

    @query(permission=Permission.REGISTER_READ, request=contract.ListSeriesRequest, reply=contract.ListSeriesReply)
    def list_series(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return every series, and every register."""
        tenant = call.require_tenant()
        configured, _ = load_numbering(self.app.ports.log, tenant)
        return {
            "series": numbering.as_they_serve(configured),
            "registers": self.app.register.registers(tenant, request.get("after"), request.get("as_of")),
        }

    @query(
        permission=Permission.REGISTER_READ, request=contract.NumberRegisterRequest, reply=contract.NumberRegisterReply
    )
    def number_register(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return numbers in their order and what became of each; a register shows all or nothing."""
        counter = Counter(request["series"], request.get("year"))
        found: dict[str, Any] = numbering.number_register(
            self.app.ports,
            self.app.register,
            counter,
            tenant=call.require_tenant(),
            page_after=request["page_after"],
            limit=request["limit"],
            as_of=request.get("as_of"),
        )
        return found
