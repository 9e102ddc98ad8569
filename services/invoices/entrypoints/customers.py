"""Entrypoints about customers."""

from dataclasses import asdict
from typing import Any

from services.invoices.codec import read, written
from services.invoices.commands.customers import ChangeCustomer, RegisterCustomer
from services.invoices.dependencies import App
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import customers
from shared.contracts import customers as customer_contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.command_hash import Retry
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


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
        registered = customers.register_customer(
            self.app.ports,
            read(request, RegisterCustomer),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(registered))

    @command(
        permission=Permission.CUSTOMER_WRITE,
        request=customer_contract.ChangeCustomerRequest,
        reply=customer_contract.ChangeCustomerReply,
        judges=(Condition.OWN_CUSTOMERS,),
        step_up=StepUp.WHERE_ASKED,
    )
    def change_customer(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Describe a customer otherwise; with a fresh proof where documents would go elsewhere."""
        changed = customers.change_customer(
            self.app.ports,
            read(request, ChangeCustomer),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
            require_step_up=call.require_step_up,
        )
        return receipted(self.app, call, asdict(changed))

    @query(
        permission=Permission.CUSTOMER_WRITE,
        request=customer_contract.GetCustomerRequest,
        reply=customer_contract.CustomerReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_customer(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a customer, for whoever is about to change one."""
        found = customers.get_customer(
            self.app.ports, request["customer_id"], tenant=call.require_tenant(), allow=call.allow
        )
        particulars = written(found.customer)
        return {"customer_id": particulars.pop("customer_id"), "version": found.version, "particulars": particulars}

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
            call.require_tenant(), request["customer_id"], request.get("after"), call.allow, request.get("as_of")
        )
        return found
