"""invoices over the bus: entrypoints only, each handing a command to its handler."""

import base64
from dataclasses import asdict
from typing import Any

from services.invoices import handlers
from services.invoices.codec import read
from services.invoices.commands import (
    DraftInvoice,
    IssueInvoice,
    RegisterCustomer,
)
from services.invoices.dependencies import App
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Address
from services.invoices.entrypoints.receipts import receipted
from services.invoices.entrypoints.sellers import SellerEntrypoints
from services.invoices.entrypoints.shredding import ShreddingEntrypoints
from services.invoices.entrypoints.totals import TotalsEntrypoints
from shared.contracts import customers as customer_contract
from shared.contracts import invoices as contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.command_hash import Retry
from shared.messaging.endpoints import Call, command, query
from shared.messaging.log_endpoints import LogEndpoints


class InvoicesService(SellerEntrypoints, ShreddingEntrypoints, TotalsEntrypoints, LogEndpoints):
    """Sellers, customers, invoices, credit notes and their documents."""

    name = "invoices"
    app = App()

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
        registered = handlers.register_customer(
            self.app.ports,
            asked,
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(registered))

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=contract.DraftInvoiceRequest,
        reply=contract.DraftInvoiceReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.AMOUNT),
        retry=Retry.BY_ANYBODY,
    )
    def draft_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write a draft."""
        asked = DraftInvoice(read(request, Content))
        drafted = handlers.draft_invoice(
            self.app.ports,
            asked,
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(drafted))

    @command(
        permission=Permission.INVOICE_ISSUE,
        request=contract.IssueInvoiceRequest,
        reply=contract.IssueInvoiceReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.AMOUNT),
        retry=Retry.BY_ANYBODY,
    )
    def issue_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Give a draft its number and its final form."""
        issued = handlers.issue_invoice(
            self.app.ports,
            IssueInvoice(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(issued))

    @query(
        permission=Permission.INVOICE_READ,
        request=contract.GetInvoiceRequest,
        reply=contract.InvoiceReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.STATES),
    )
    def get_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return one invoice."""
        found: dict[str, Any] = self.app.queries.invoice(
            call.require_tenant(), request["invoice_id"], request.get("after"), call.allow
        )
        return found

    @query(
        permission=Permission.INVOICE_READ,
        request=contract.ListInvoicesRequest,
        reply=contract.ListInvoicesReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.STATES),
    )
    def list_invoices(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a page of invoices."""
        found: dict[str, Any] = self.app.queries.invoices(
            call.require_tenant(), request.get("after"), request.get("page_after", -1), request["limit"], call.scopes()
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
        permission=Permission.DOCUMENT_READ,
        request=contract.GetDocumentRequest,
        reply=contract.DocumentReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_document(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return an issued document, how to send it, and the proof that goes with it."""
        tenant = call.require_tenant()
        document = handlers.get_document(
            self.app.ports, tenant=tenant, invoice_id=request["invoice_id"], allow=call.allow
        )
        content = base64.b64encode(document.content).decode()
        proof = self.app.log_access.receipt(tenant, document.position)
        return {**asdict(document), "content_base64": content, "proof": proof}
