"""The notifier over the bus: entrypoints only. What is heard is recorded; the mails go out beside the calls."""

from typing import Any

from services.notifier.adapters.counts import delivery_counts
from services.notifier.dependencies import App
from shared.contracts.events import PublishedEvent
from shared.contracts.notifier import DeliveriesReply, DeliveriesRequest
from shared.contracts.permissions import Permission
from shared.messaging.consumer import inbox_handler
from shared.messaging.endpoints import BaseService, Call, query


class NotifierService(BaseService):
    """Tells customers, and the people of a business, by e-mail: at most once an event."""

    name = "notifier"
    app = App()

    @inbox_handler("invoices", "DocumentArchived")
    def document_archived(self, event: PublishedEvent) -> None:
        """Remember that an invoice or credit note has to go out."""
        self.app.inbox.record(event)

    @inbox_handler("invoices", "ReminderArchived")
    def reminder_archived(self, event: PublishedEvent) -> None:
        """Remember that a reminder has to go out."""
        self.app.inbox.record(event)

    @inbox_handler("invoices", "QuoteArchived")
    def quote_archived(self, event: PublishedEvent) -> None:
        """Remember that a revision of a quote has to go out."""
        self.app.inbox.record(event)

    @inbox_handler("auth", "NoticeDue")
    def notice_due(self, event: PublishedEvent) -> None:
        """Remember that a person of the business has to be told something."""
        self.app.inbox.record(event)

    @query(permission=Permission.DELIVERY_READ, request=DeliveriesRequest, reply=DeliveriesReply)
    def deliveries(self, call: Call, request: dict[str, Any]) -> dict[str, int]:
        """Count the caller's deliveries by state."""
        return delivery_counts(self.app.pool, call.require_tenant(), request["source"])
