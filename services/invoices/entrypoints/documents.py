"""Entrypoints about issued documents."""

import base64
from dataclasses import asdict
from typing import Any

from services.invoices.dependencies import App
from services.invoices.domain.document.issued import Form
from services.invoices.domain.refusals import plain
from services.invoices.handlers import documents
from shared.contracts import invoices as contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, query


class DocumentEntrypoints(BaseService):
    """Issued documents."""

    app: App

    @query(
        permission=Permission.DOCUMENT_READ,
        request=contract.GetDocumentRequest,
        reply=contract.DocumentReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_document(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return an issued document, how to send it, and the proof that goes with it."""
        tenant = call.require_tenant()
        document = documents.get_document(
            self.app.ports,
            tenant=tenant,
            invoice_id=request["invoice_id"],
            allow=call.allow,
            form=Form(request["form"]),
        )
        content = base64.b64encode(document.content).decode()
        proof = self.app.log_access.receipt(tenant, document.position)
        return {**asdict(document), "content_base64": content, "proof": proof}

    @query(
        permission=Permission.INVOICE_READ,
        request=contract.CheckInvoiceRequest,
        reply=contract.CheckInvoiceReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.STATES),
    )
    def check_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return the official rules that a document breaks: of a draft, before it is issued."""
        broken = documents.check_invoice(
            self.app.ports, tenant=call.require_tenant(), invoice_id=request["invoice_id"], allow=call.allow
        )
        return {"rules": [plain(rule) for rule in broken]}
