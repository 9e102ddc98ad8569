"""Tallystick as it is used: a tenant's log over PostgreSQL, keys and seals included."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from shared.crypto.envelope import seal
from shared.crypto.kek import MemoryKek
from shared.crypto.keyring import TENANT_SUBJECT, Keyring
from shared.eventstore.entry import entry_aad
from shared.eventstore.log import TenantLog
from shared.eventstore.model import Author, CommandId, NewEvent, SealedEvent
from shared.eventstore.payload import encode_content
from shared.eventstore.pool import Pool, open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.registry import EventRegistry
from shared.kernel.clock import SystemClock, to_rfc3339
from shared.kernel.ids import new_id
from tests.bench.material import EVENT_TYPE, STREAM_LENGTH, Folded, fold, payload
from tests.stack import Database

SCHEMA = 1
AUTHOR = Author(
    "person", "019aa0e5-3333-7000-8000-000000000001", ("pwd", "otp"), "019aa0e5-3333-7000-8000-000000000002"
)


@dataclass
class History:
    """One tenant's log and the next event to write into it."""

    store: PostgresEventStore
    keyring: Keyring
    log: TenantLog
    tenant: str = field(default_factory=new_id)
    prefix: str = "invoice-"
    written: int = 0

    def open_for_business(self) -> "History":
        """Give the tenant its keys."""
        self.keyring.create_tenant(self.tenant)
        self.keyring.dek_for(self.tenant, TENANT_SUBJECT)
        return self

    def prepared(self, count: int, ahead: int = 0) -> Iterator[NewEvent]:
        """Yield `count` events as a command would decide on them, leaving out the next `ahead`."""
        first = self.written + ahead
        for index in range(first, first + count):
            stream = f"{self.prefix}{index // STREAM_LENGTH}"
            yield NewEvent(stream, EVENT_TYPE, SCHEMA, payload(index), TENANT_SUBJECT)

    def append_one_by_one(self, events: Sequence[NewEvent]) -> None:
        """Append each event by itself: one transaction each."""
        for event in events:
            self.log.append(self.tenant, [event], {event.stream: self.written % STREAM_LENGTH}, by=AUTHOR)
            self.written += 1

    def append_commands(self, events: Sequence[NewEvent]) -> None:
        """Append each event by itself, each with the idempotency key of its command, which is kept too."""
        for event in events:
            command = CommandId(event.stream + str(self.written), bytes(32), AUTHOR)
            self.log.append(self.tenant, [event], {event.stream: self.written % STREAM_LENGTH}, command)
            self.written += 1

    def append_at_once(self, events: Sequence[NewEvent]) -> None:
        """Append all events in one transaction; their streams are new or begin where the last batch ended."""
        expected = {event.stream: 0 for event in events}
        expected[events[0].stream] = self.written % STREAM_LENGTH
        self.log.append(self.tenant, events, expected, by=AUTHOR)
        self.written += len(events)

    def sealed(self, count: int) -> list[SealedEvent]:
        """Seal the next `count` events as the log would: what the store is given."""
        sealed = []
        for index, event in enumerate(self.prepared(count), start=self.written):
            dek = self.keyring.dek_for(self.tenant, event.subject)
            blank = SealedEvent(
                tenant=self.tenant,
                stream=event.stream,
                version=1 + index % STREAM_LENGTH,
                id=new_id(),
                type=event.type,
                schema=event.schema,
                at=to_rfc3339(SystemClock().now()),
                key=dek.key_id,
                digest=event.digest,
                sealed=b"",
            )
            content = encode_content(event.payload, AUTHOR)
            sealed.append(structs.replace(blank, sealed=seal(dek.key, content, entry_aad(blank))))
        return sealed

    def store_one_by_one(self, events: Sequence[SealedEvent]) -> None:
        """Append sealed events, each by itself: one transaction each."""
        for event in events:
            self.store.append(self.tenant, [event], {event.stream: event.version - 1})
            self.written += 1

    def store_at_once(self, events: Sequence[SealedEvent]) -> None:
        """Append sealed events in one transaction."""
        expected = {event.stream: event.version - 1 for event in reversed(events)}
        self.store.append(self.tenant, events, expected)
        self.written += len(events)

    def replay(self, limit: int | None = None) -> int:
        """Read, open and fold the first `limit` events; return how many there were."""
        folded: Folded = {}
        count = 0
        for event in self.log.read(self.tenant, limit=limit):
            fold(folded, event.stream, event.version, event.payload)
            count += 1
        return count


@dataclass(frozen=True)
class Access:
    """What another process needs to open the same database: where it is, and the key of keys."""

    url: str
    password: str
    kek: bytes = field(repr=False)

    def pool(self) -> Pool:
        """Connect."""
        return open_pool(self.url, self.password, max_size=2)

    def history(self, pool: Pool, tenant: str | None = None, prefix: str = "invoice-") -> History:
        """Put the parts together as a service does."""
        clock = SystemClock()
        store = PostgresEventStore(pool)
        keyring = Keyring(MemoryKek.of(self.kek), PostgresKeyStore(pool), clock)
        log = TenantLog(store, keyring, EventRegistry({EVENT_TYPE: SCHEMA}), clock)
        return History(store, keyring, log, tenant or new_id(), prefix)


def access_to(database: Database) -> Access:
    """Return the way into a database, with a new key of keys."""
    return Access(database.url, database.password, os.urandom(32))
