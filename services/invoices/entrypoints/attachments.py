"""Entrypoints about files: supporting documents, and the seller's logo."""

import base64
from dataclasses import asdict
from typing import Any

from services.invoices.codec import written
from services.invoices.commands.attachments import SetLogo, UploadAttachment
from services.invoices.dependencies import App
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import attachments, logo
from shared.contracts import attachments as contract
from shared.contracts.base import NoRequest
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.contracts.sellers import SellerReceipt
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class AttachmentEntrypoints(BaseService):
    """Files that go with documents."""

    app: App

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=contract.UploadAttachmentRequest,
        reply=contract.UploadAttachmentReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.AMOUNT),
    )
    def upload_attachment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Store a file for documents to a customer: a draft names it among its attachments."""
        asked = UploadAttachment(
            request["customer_id"], request["media_type"], base64.b64decode(request["content_base64"])
        )
        uploaded = attachments.upload_attachment(
            self.app.ports,
            asked,
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return receipted(self.app, call, asdict(uploaded))

    @query(
        permission=Permission.INVOICE_READ,
        request=contract.GetAttachmentRequest,
        reply=contract.GetAttachmentReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.STATES),
    )
    def get_attachment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a file that a draft or issued document names."""
        found = attachments.get_attachment(self.app.ports, tenant=call.require_tenant(), allow=call.allow, **request)
        return {**written(found.attachment), "content_base64": base64.b64encode(found.content).decode()}

    @command(
        permission=Permission.TENANT_CONFIGURE,
        request=contract.SetLogoRequest,
        reply=SellerReceipt,
        step_up=StepUp.WHERE_ASKED,
    )
    def set_logo(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Show a picture on documents that are issued from now on; with a fresh proof."""
        position = logo.set_logo(
            self.app.ports,
            SetLogo(base64.b64decode(request["content_base64"])),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            require_step_up=call.require_step_up,
        )
        return receipted(self.app, call, {"position": position})

    @command(permission=Permission.TENANT_CONFIGURE, request=NoRequest, reply=SellerReceipt, step_up=StepUp.WHERE_ASKED)
    def remove_logo(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing to say
        """Show the seller's name alone on documents that are issued from now on; with a fresh proof."""
        position = logo.remove_logo(
            self.app.ports,
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            require_step_up=call.require_step_up,
        )
        return receipted(self.app, call, {"position": position})
