"""Entrypoints of the notifier."""

from typing import Any

from services.auth import handlers
from services.auth.dependencies import App
from shared.contracts.notices import NoticeReply, NoticeRequest
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, query


class NoticeEntrypoints(BaseService):
    """Mails that auth asks for."""

    app: App

    @query(permission=Permission.NOTICE_READ, request=NoticeRequest, reply=NoticeReply)
    def notice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return the mail behind a `NoticeDue`."""
        mail = handlers.notice(self.app.ports, tenant=call.require_tenant(), position=request["position"])
        return {
            "recipient_name": mail.name,
            "recipient_email": mail.email,
            "subject": mail.subject,
            "text": mail.text,
        }
