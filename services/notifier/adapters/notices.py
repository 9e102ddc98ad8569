"""The inbox, seen as events that somebody is to be told about."""

from dataclasses import dataclass

from services.notifier.domain.ports import Notice
from shared.messaging.inbox import Inbox

LEASE_SECONDS = 900
"""Longer than the slowest server may take, so that an entry is not handed out while its mail is on the way."""


@dataclass(frozen=True)
class InboxNotices:
    """The notifier's inbox."""

    inbox: Inbox

    def take(self) -> Notice | None:
        """Return an event whose time has come, or None."""
        for entry in self.inbox.due(1, LEASE_SECONDS):
            return Notice(entry.event_id, entry.tenant, entry.source, entry.stream, entry.position)
        return None

    def done(self, event_id: str) -> None:
        """Forget about an event: it was dealt with."""
        self.inbox.done(event_id)

    def retry_later(self, event_id: str, code: str) -> None:
        """Let an event wait, longer each time."""
        self.inbox.retry_later(event_id, code)

    def dead(self, event_id: str, code: str) -> None:
        """Put an event aside for a person to look at."""
        self.inbox.dead(event_id, code)
