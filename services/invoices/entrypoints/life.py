"""Entrypoints about changing, discarding, duplicating and correcting documents."""

from dataclasses import asdict
from typing import Any

from services.invoices.codec import read
from services.invoices.commands.documents import (
    ChangeDraft,
    CreditInvoice,
    DiscardDraft,
    DuplicateInvoice,
    ReplaceInvoice,
)
from services.invoices.dependencies import App
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import crediting, drafts
from services.invoices.handlers.itemising import itemised
from shared.contracts import invoices, life
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command

_JUDGES = (Condition.OWN_CUSTOMERS, Condition.AMOUNT)


class LifeEntrypoints(BaseService):
    """What happens to a document after it was drafted, beside its issue."""

    app: App

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=life.ChangeDraftRequest,
        reply=life.ChangeDraftReply,
        judges=_JUDGES,
    )
    def change_draft(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Have a draft say something else."""
        tenant, command_id = call.require_tenant(), call.require_command()
        content = itemised(self.app.ports, request["content"], tenant=tenant, command_id=command_id)
        changed = drafts.change_draft(
            self.app.ports,
            read({**request, "content": content}, ChangeDraft),
            tenant=tenant,
            command_id=command_id,
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(changed))

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=life.DiscardDraftRequest,
        reply=life.DiscardDraftReply,
        judges=_JUDGES,
    )
    def discard_draft(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Give up a draft."""
        discarded = drafts.discard_draft(
            self.app.ports,
            DiscardDraft(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(discarded))

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=life.DuplicateInvoiceRequest,
        reply=invoices.DraftInvoiceReply,
        judges=_JUDGES,
    )
    def duplicate_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write a draft of what another document says, as of today."""
        drafted = drafts.duplicate_invoice(
            self.app.ports,
            DuplicateInvoice(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(drafted))

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=life.CreditInvoiceRequest,
        reply=invoices.DraftInvoiceReply,
        judges=_JUDGES,
    )
    def credit_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write the draft of a credit note of an invoice, in full or in part."""
        drafted = crediting.credit_invoice(
            self.app.ports,
            read(request, CreditInvoice),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(drafted))

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=life.ReplaceInvoiceRequest,
        reply=life.ReplaceInvoiceReply,
        judges=_JUDGES,
    )
    def replace_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write a credit note of all of an invoice, and the draft of one in its place."""
        replaced = crediting.replace_invoice(
            self.app.ports,
            ReplaceInvoice(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(replaced))
