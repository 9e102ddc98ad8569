"""Finds a user's sessions."""

from collections.abc import Sequence

import psycopg

from services.auth.codec import decode
from services.auth.domain.events import SessionBegan, SessionEnded
from shared.eventstore.copies import live_session
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool

NAME = "sessions"

_BEGAN = "INSERT INTO sessions (tenant, user_id, session_id, ends_at) VALUES (%s, %s, %s, %s)"
# By the moment of the event, never by the clock: a replay makes the same rows.
_FORGET_OLD = "DELETE FROM sessions WHERE tenant = %s AND user_id = %s AND ends_at <= %s"
_ENDED = "DELETE FROM sessions WHERE tenant = %s AND session_id = %s"
_OF = "SELECT session_id::text FROM sessions WHERE tenant = %s AND user_id = %s"


class SessionProjection:
    """Feeds `sessions`: ids and a moment, nothing to seal.

    A row goes when its session ends, or, if that ran out, when its user begins a later one.
    """

    name = NAME

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        """Add a session that began, remove one that ended."""
        if event.type == SessionBegan.__name__:
            began = decode(event)
            assert isinstance(began, SessionBegan)  # noqa: S101 - narrows the type that the line above has checked
            cursor.execute(_FORGET_OLD, (event.tenant, began.user_id, event.at))
            cursor.execute(_BEGAN, (event.tenant, began.user_id, _session(event), began.ends_at))
        elif event.type == SessionEnded.__name__:
            cursor.execute(_ENDED, (event.tenant, _session(event)))

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Empty the table for a replay."""
        cursor.execute("TRUNCATE sessions")


class PostgresSessions:
    """Answers from `sessions`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def of(self, tenant: str, user_id: str) -> Sequence[str]:
        """Return the ids of a user's sessions; some may be over."""
        with live_session(self._pool, NAME, tenant) as connection:
            rows = connection.execute(_OF, (tenant, user_id)).fetchall()
        return [str(row[0]) for row in rows]


def _session(event: RecordedEvent) -> str:
    return event.stream.partition("-")[2]
