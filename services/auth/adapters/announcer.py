"""Follows auth's log and records which mails are due.

It follows like a projection, from a checkpoint of its own, woken by every append; its only effect are events, each
recorded once whatever happens. After a restore it starts from the beginning and finds them there.
"""

import psycopg

from services.auth.handlers.notices import announce
from services.auth.ports import Addresses
from shared.eventstore.log import TenantLog
from shared.eventstore.model import RecordedEvent

NAME = "announcer"


class Announcer:
    """A follower without rows."""

    name = NAME

    def __init__(self, log: TenantLog, addresses: Addresses) -> None:
        self._log, self._addresses = log, addresses

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:  # noqa: ARG002 - it has no rows
        """Record the mails that this event calls for; doing it again changes nothing."""
        announce(self._log, self._addresses, event)

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Have nothing to empty: what is recorded stays so."""
