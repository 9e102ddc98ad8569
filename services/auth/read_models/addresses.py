"""Who was invited, by blind index of the address."""

import psycopg

from services.auth.codec import decode
from services.auth.domain.events import AddressClaimed
from shared.eventstore.copies import live_session
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool

NAME = "addresses"


class AddressProjection:
    """Feeds `addresses`. The rows hold no address and no name, so there is nothing in them to seal."""

    name = NAME

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        """Add a row for every claimed address."""
        if event.type != AddressClaimed.__name__:
            return
        claim = decode(event)
        assert isinstance(claim, AddressClaimed)  # noqa: S101 - narrows the type that the line above has checked
        cursor.execute(
            "INSERT INTO addresses (tenant, address_index, user_id) VALUES (%s, %s, %s)",
            (event.tenant, bytes.fromhex(claim.address_index), claim.user_id),
        )

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Empty the table for a replay."""
        cursor.execute("TRUNCATE addresses")


class PostgresAddresses:
    """Answers from `addresses`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def users(self, tenant: str) -> list[str]:
        """Return the ids of all who were ever invited, in the order of their ids."""
        with live_session(self._pool, NAME, tenant) as connection:
            rows = connection.execute(
                "SELECT user_id::text FROM addresses WHERE tenant = %s ORDER BY user_id", (tenant,)
            ).fetchall()
        return [str(user_id) for (user_id,) in rows]
