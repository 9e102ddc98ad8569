"""Entrypoints about who issues, and about the account that customers pay into."""

from typing import Any

from services.invoices.codec import read, written
from services.invoices.commands.sellers import (
    ApproveBankAccountChange,
    ConfigureSeller,
    EndBankAccountChange,
    RequestBankAccountChange,
)
from services.invoices.dependencies import App
from services.invoices.domain.document.parties import Seller
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import sellers
from shared.contracts import sellers as contract
from shared.contracts.base import NoRequest
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class SellerEntrypoints(BaseService):
    """The seller, and a change of account under four eyes."""

    app: App

    @command(
        permission=Permission.TENANT_CONFIGURE,
        request=contract.ConfigureSellerRequest,
        reply=contract.SellerReceipt,
        step_up=StepUp.WHERE_ASKED,
    )
    def configure_seller(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write down who issues; the first time, which names the account, with a fresh proof."""
        position = sellers.configure_seller(
            self.app.ports,
            ConfigureSeller(read(request, Seller)),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            require_step_up=call.require_step_up,
        )
        return receipted(self.app, call, {"position": position})

    @query(permission=Permission.TENANT_CONFIGURE, request=NoRequest, reply=contract.SellerReply)
    def get_seller(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing to ask
        """Return who issues, and since when the account is theirs."""
        seller: dict[str, Any] = written(sellers.get_seller(self.app.ports, tenant=call.require_tenant()))
        return seller

    @command(
        permission=Permission.TENANT_CONFIGURE,
        request=contract.RequestBankAccountChangeRequest,
        reply=contract.SellerReceipt,
        step_up=StepUp.ALWAYS,
    )
    def request_bank_account_change(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Ask that customers pay into another account; another person has to agree."""
        position = sellers.request_bank_account_change(
            self.app.ports,
            RequestBankAccountChange(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, {"position": position})

    @query(permission=Permission.TENANT_CONFIGURE, request=NoRequest, reply=contract.BankAccountChangeReply)
    def get_bank_account_change(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - as above
        """Return the change that waits for a second person, exactly as it is approved."""
        waiting = sellers.waiting_change(self.app.ports, tenant=call.require_tenant())
        return {} if waiting is None else {"waiting": waiting.shown}

    @command(
        permission=Permission.TENANT_CONFIGURE,
        request=contract.ApproveBankAccountChangeRequest,
        reply=contract.SellerReceipt,
        step_up=StepUp.ALWAYS,
    )
    def approve_bank_account_change(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Agree, as a second person, to the change that was shown."""
        position = sellers.approve_bank_account_change(
            self.app.ports,
            ApproveBankAccountChange(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, {"position": position})

    @command(
        permission=Permission.TENANT_CONFIGURE,
        request=contract.EndBankAccountChangeRequest,
        reply=contract.SellerReceipt,
    )
    def end_bank_account_change(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Withdraw one's own request, or reject another one's: everything stays as it is."""
        position = sellers.end_bank_account_change(
            self.app.ports,
            EndBankAccountChange(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, {"position": position})
