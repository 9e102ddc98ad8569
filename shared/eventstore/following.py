"""Following a log: batches of events into one copy of a read model, each with its checkpoint in one transaction.

A crash between the rows and the checkpoint cannot happen, so an event is applied exactly once. An event that cannot be
read or applied is poison: what came before it is kept, and the projection stops there for this tenant.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from shared.eventstore.copies import Copy, RebuildOvertaken
from shared.eventstore.halts import Poison
from shared.eventstore.log import TenantLog
from shared.eventstore.model import RecordedEvent

BATCH = 500
"""Events per transaction where nothing else is said."""

Moved = Callable[[int], None]
"""Is told by how many positions a copy has moved on."""


class Projection(Protocol):
    """Turns events into rows. `apply` must depend on nothing but the events, so that a replay gives equal rows."""

    @property
    def name(self) -> str:
        """Name the projection; its checkpoints are kept under it."""
        ...

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        """Change the rows that this event changes; an event of no interest changes none.

        Statements go out without their answers being waited for, so what is read is read by `row_found`. Tables are
        named without a schema. An event whose key was shredded is not passed on; the event that says that
        a subject was shredded is, and takes away the subject's rows.
        """
        ...

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Empty the read model, for all tenants, in the copy that was entered."""
        ...


def row_found(
    cursor: psycopg.Cursor, query: bytes, values: Sequence[object] | Mapping[str, object]
) -> tuple[Any, ...] | None:
    """Return the first row of a query within the cursor's transaction, None where there is none.

    On a cursor of its own: the one that wrote before may still be handed the answers to that.
    """
    with cursor.connection.cursor() as reading:
        return reading.execute(query, values).fetchone()


def _ignore(_: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Follower:
    """Feeds one copy of one projection's read model."""

    log: TenantLog
    projection: Projection
    copy: Copy
    moved: Moved = _ignore
    batch: int = BATCH
    """Events per transaction."""

    def follow(self, tenant: str, position: int) -> tuple[int, Poison | None]:
        """Apply what comes after `position`, to the log's end, to poison, or until another process is at it.

        Returns the position that was reached, and the poison if it was that.
        """
        while True:
            events, unreadable = self._read(tenant, position)
            if events:
                applied, failure = self._apply(tenant, position, events)
                position += applied
                self.moved(applied)
                if failure is not None:
                    unreadable = failure
                elif applied == 0:  # another process holds the lock or was faster
                    return position, None
            if unreadable is not None:
                return position, Poison(position + 1, type(unreadable).__name__)
            if len(events) < self.batch:
                return position, None

    def _read(self, tenant: str, after: int) -> tuple[list[RecordedEvent], Exception | None]:
        """Return the next batch as far as it can be read, and why it ends early if it does."""
        events: list[RecordedEvent] = []
        try:
            for event in self.log.read(tenant, after, self.batch):
                # Positions are dense; a hole means that a row is gone, and must not be stepped over.
                if event.position != after + 1 + len(events):
                    return events, LookupError(f"position {after + 1 + len(events)} is missing from the log")
                events.append(event)
        except psycopg.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one event stops this tenant only
            return events, error
        return events, None

    def _apply(
        self, tenant: str, position: int, events: Sequence[RecordedEvent], *, awaited: bool = False
    ) -> tuple[int, Exception | None]:
        """Apply a batch in one transaction; when an event is poison, those before it in another one.

        Returns how many were applied and why not all. Statements go out without waiting for their answers: a round
        trip for each costs more than the work. When the database refuses one, the batch is applied again with each
        answer awaited (`awaited`), which tells the event that it was.
        """
        applied = 0
        try:
            with self.copy.enter(tenant) as cursor:
                if cursor is None or self.copy.position(cursor, tenant) != position:
                    return 0, None
                with nullcontext() if awaited else cursor.connection.pipeline():
                    for event in events:
                        if not event.shredded:
                            self.projection.apply(cursor, event)
                        applied += 1
                    self.copy.advance(cursor, tenant, position + applied)
        except (psycopg.OperationalError, RebuildOvertaken):
            raise
        except Exception as error:  # noqa: BLE001 - a poison event, of whatever kind, stops only its projection
            if isinstance(error, psycopg.Error) and not awaited:
                return self._apply(tenant, position, events, awaited=True)
            before, earlier = self._apply(tenant, position, events[:applied]) if applied else (0, None)
            return before, earlier or error
        return applied, None
