"""Entrypoints about drafts, invoices and credit notes."""

from dataclasses import asdict
from typing import Any

from services.invoices.codec import read
from services.invoices.commands.documents import DraftInvoice, IssueInvoice
from services.invoices.dependencies import App
from services.invoices.domain.document.content import Content
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import drafts, issuing
from services.invoices.handlers.itemising import itemised
from shared.contracts import invoices as contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.command_hash import Retry
from shared.messaging.endpoints import BaseService, Call, command, query


class InvoiceEntrypoints(BaseService):
    """Drafts, invoices and credit notes."""

    app: App

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=contract.DraftInvoiceRequest,
        reply=contract.DraftInvoiceReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.AMOUNT),
        retry=Retry.BY_ANYBODY,
    )
    def draft_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write a draft."""
        tenant, command_id = call.require_tenant(), call.require_command()
        content = itemised(self.app.ports, request, tenant=tenant, command_id=command_id)
        drafted = drafts.draft_invoice(
            self.app.ports,
            DraftInvoice(read(content, Content)),
            tenant=tenant,
            command_id=command_id,
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
        issued = issuing.issue_invoice(
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
            call.require_tenant(), request["invoice_id"], request.get("after"), call.allow, request.get("as_of")
        )
        return found
