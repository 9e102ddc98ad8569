"""Entrypoints about the amounts of a document."""

from typing import Any

from services.invoices.codec import read, written
from services.invoices.dependencies import App
from services.invoices.domain.document.content import Content
from services.invoices.handlers import explaining
from services.invoices.handlers.itemising import itemised
from shared.contracts import totals as contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, query


class TotalsEntrypoints(BaseService):
    """How a document's amounts come about."""

    app: App

    @query(
        permission=Permission.INVOICE_READ,
        request=contract.ExplainTotalsRequest,
        reply=contract.ExplainTotalsReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.STATES),
    )
    def explain_totals(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return each amount step by step: of a document, or of a content that nobody has drafted yet."""
        tenant = call.require_tenant()
        if "content" in request:
            content = read(itemised(self.app.ports, request["content"], tenant=tenant), Content)
            explained = explaining.explain_content(self.app.ports, content, tenant=tenant, allow=call.allow)
        else:
            explained = explaining.explain_invoice(
                self.app.ports, request["invoice_id"], tenant=tenant, allow=call.allow
            )
        return {
            "currency": explained.currency,
            "totals": written(explained.totals),
            "steps": [written(step) for step in explained.steps],
        }
