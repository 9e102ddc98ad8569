"""Entrypoints about customers."""

from dataclasses import asdict
from typing import Any

from services.invoices.codec import read
from services.invoices.commands.customers import RegisterCustomer
from services.invoices.dependencies import App
from services.invoices.domain.document.parties import Address
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import customers
from shared.contracts import customers as customer_contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.command_hash import Retry
from shared.messaging.endpoints import BaseService, Call, command, query


class CustomerEntrypoints(BaseService):
    """Customers."""

    app: App

    @command(
        permission=Permission.CUSTOMER_WRITE,
        request=customer_contract.RegisterCustomerRequest,
        reply=customer_contract.RegisterCustomerReply,
        judges=(Condition.OWN_CUSTOMERS,),
        retry=Retry.BY_ANYBODY,
    )
    def register_customer(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Make a customer known."""
        asked = RegisterCustomer(**{**request, "address": read(request["address"], Address)})
        registered = customers.register_customer(
            self.app.ports,
            asked,
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(registered))

    @query(
        permission=Permission.CUSTOMER_WRITE,
        request=customer_contract.FindCustomersRequest,
        reply=customer_contract.FindCustomersReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def find_customers(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return the customers with exactly this name or e-mail, for whoever is about to register one."""
        found: dict[str, Any] = self.app.queries.customers(
            call.require_tenant(), request.get("name"), request.get("email"), request.get("after"), call.scopes()
        )
        return found

    @query(
        permission=Permission.INVOICE_READ,
        request=customer_contract.CustomerTotalsRequest,
        reply=customer_contract.CustomerTotalsReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.STATES),
    )
    def customer_totals(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return what was issued to a customer."""
        found: dict[str, Any] = self.app.queries.customer_totals(
            call.require_tenant(), request["customer_id"], request.get("after"), call.allow
        )
        return found
