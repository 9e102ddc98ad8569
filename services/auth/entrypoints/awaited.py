"""What auth hears from other services."""

from services.auth import handlers
from services.auth.dependencies import App
from shared.contracts.events import PublishedEvent
from shared.messaging.consumer import inbox_handler
from shared.messaging.endpoints import BaseService


class AwaitedSubscriptions(BaseService):
    """What owners are told of: each event is recorded in auth's log before it is acknowledged."""

    app: App

    @inbox_handler("invoices", "ShreddingRequested")
    def shredding_requested(self, event: PublishedEvent) -> None:
        """Let the owners hear of it."""
        handlers.note_awaited(self.app.ports, event)

    @inbox_handler("invoices", "BankAccountChangeRequested")
    def bank_account_change_requested(self, event: PublishedEvent) -> None:
        """Let the owners hear of it."""
        handlers.note_awaited(self.app.ports, event)

    @inbox_handler("invoices", "CustomerRedirected")
    def customer_redirected(self, event: PublishedEvent) -> None:
        """Let the owners hear of it."""
        handlers.note_redirect(self.app.ports, event)
