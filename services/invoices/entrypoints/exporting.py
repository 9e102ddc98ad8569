"""Entrypoints for all that was issued, page by page."""

from dataclasses import asdict
from typing import Any

from services.invoices.codec import read
from services.invoices.commands.exporting import Holder, Wanted
from services.invoices.dependencies import App
from services.invoices.handlers import exporting
from shared.contracts import exporting as contract
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, query
from shared.messaging.step_up import StepUp


class ExportEntrypoints(BaseService):
    """Issued documents, many at a time."""

    app: App

    @query(
        permission=Permission.DOCUMENT_EXPORT,
        request=contract.BeginExportRequest,
        reply=contract.BeginExportReply,
        step_up=StepUp.ALWAYS,
    )
    def begin_export(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Let somebody export what was issued up to now: one fresh proof for all pages, good for an hour."""
        return asdict(
            exporting.begin_export(
                self.app.ports,
                self.app.issued,
                read(request, Wanted),
                tenant=call.require_tenant(),
                holder=_holder(call),
            )
        )

    @query(permission=Permission.DOCUMENT_EXPORT, request=contract.ExportPageRequest, reply=contract.ExportPageReply)
    def export_page(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return some of the documents that an export is about, in full."""
        return exporting.export_page(
            self.app.ports,
            self.app.issued,
            request["export"],
            request.get("page_after", -1),
            tenant=call.require_tenant(),
            holder=_holder(call),
        )


def _holder(call: Call) -> Holder:
    actor = call.require_person()
    return Holder(actor.id, actor.session)
