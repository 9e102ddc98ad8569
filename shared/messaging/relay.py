"""The relay: follows the log and tells the bus. The log is the outbox; what is in it will be published.

An event is published, the broker confirms that it has it on disk in at least one queue, and only then does the
checkpoint move on: killed in between, the relay publishes the event again and the subscriber's inbox drops the second
one. An event that has a required subscriber and reaches no queue (the subscriber has never been started) stays where
it is, with all later ones of its tenant behind it, and is tried again; so does one that cannot be read. Other tenants
go on. A tenant that is held up so is written down as halted, under the name `relay`, for every process and every
operator to see, and is left alone until its next try is due. The log is read, not the payloads: the relay holds no key
of a tenant.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pika
import psycopg
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, UnroutableError

from shared.contracts.events import PublicEvent, PublishedEvent
from shared.eventstore import halts
from shared.eventstore.halts import Poison
from shared.eventstore.model import StoredEvent
from shared.eventstore.pool import Pool
from shared.eventstore.store import EventStore
from shared.eventstore.wakeups import Channel, Wakeups
from shared.messaging.sealing import seal_event
from shared.messaging.serializer import CONTENT_ENCODING, CONTENT_TYPE
from shared.messaging.settings import ServiceBusSettings
from shared.messaging.topology import event_ends, event_exchange

BATCH = 200
"""Events per transaction."""
NAME = "relay"
"""What its halts are written down under."""
_LONGEST_PAUSE = timedelta(seconds=5)
"""Until a tenant whose event found no subscriber, or could not be read, is tried again."""
_SUBSCRIBER_ABSENT = "SubscriberAbsent"
"""The kind of halt that ends when the subscriber is started for the first time."""

_BEHIND = """
    SELECT h.tenant::text FROM log.heads h LEFT JOIN relay.checkpoints c USING (tenant)
    WHERE h.size - 1 > coalesce(c.position, -1)
        AND NOT EXISTS (SELECT FROM read.halted halt WHERE halt.projection = %s
                        AND halt.tenant = h.tenant AND halt.retry_at > now())
    ORDER BY h.tenant
"""
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('relay ' || %s, 0))"
_CHECKPOINT = "SELECT position FROM relay.checkpoints WHERE tenant = %s"
_ADVANCE = """
    INSERT INTO relay.checkpoints (tenant, position) VALUES (%s, %s)
    ON CONFLICT (tenant) DO UPDATE SET position = excluded.position
"""

_log = structlog.get_logger(__name__)


class Relay:
    """Publishes a service's public events. Any number of processes may run one: each tenant is worked on by one."""

    def __init__(
        self,
        pool: Pool,
        store: EventStore,
        bus: ServiceBusSettings,
        source: str,
        events: Mapping[str, PublicEvent],
        *,
        wakeups: Wakeups,
    ) -> None:
        """`events` are the types that leave the service `source`; all others are passed over."""
        self._pool, self._store, self._uri = pool, store, bus.uri
        self._source, self._events = source, events
        self._keys = {kind: bus.keys.between(*event_ends(source, event)) for kind, event in events.items()}
        self._wakeups = wakeups
        self._exchange = event_exchange(source)
        self._channel: BlockingChannel | None = None

    def run(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:  # noqa: ARG002 - as all work
        """Publish until `stop()`; raises when the broker or the database is lost, to be run again after a pause."""
        try:
            halts.retry_now(self._pool, [NAME])
            while not stop():
                seen = self._wakeups.seen(Channel.LOG)
                if self.run_once() == 0:
                    self._wakeups.wait(Channel.LOG, seen)
        finally:
            self.close()

    def run_once(self) -> int:
        """Publish what waits, for every tenant, at most a batch each; return by how many positions that went on."""
        self._keep_alive()
        with self._pool.connection() as connection:
            behind = [str(row[0]) for row in connection.execute(_BEHIND, (NAME,)).fetchall()]
        return sum(self._follow(tenant) for tenant in behind)

    def close(self) -> None:
        """Close the connection to the broker."""
        channel, self._channel = self._channel, None
        if channel is not None:
            try:
                channel.connection.close()
            except (AMQPError, OSError):
                return

    def _follow(self, tenant: str) -> int:
        """Publish one tenant's next batch under the tenant's lock."""
        lost: AMQPError | None = None
        poison: Poison | None = None
        with self._pool.connection() as connection, connection.transaction():
            if connection.execute(_LOCK, (tenant,)).fetchone() != (True,):
                return 0
            row = connection.execute(_CHECKPOINT, (tenant,)).fetchone()
            start = reached = -1 if row is None else int(row[0])
            try:
                for event in self._store.read_log(tenant, start, BATCH):
                    _require_next(event, reached + 1)
                    if not self._publish(event):
                        poison = Poison(event.position, _SUBSCRIBER_ABSENT)
                        break
                    reached = event.position
            except AMQPError as error:
                lost = error  # what the broker has confirmed before stays confirmed
            except psycopg.OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one event stops this tenant only
                poison = Poison(reached + 1, type(error).__name__)
            if reached > start:
                cursor = connection.execute(_ADVANCE, (tenant, reached))
                halts.over(cursor, NAME, tenant, reached)
            if poison is not None:
                attempts = halts.write_down(connection, NAME, tenant, poison, _LONGEST_PAUSE)
                _say(tenant, poison, attempts)
        if lost is not None:
            self.close()
            raise lost
        return reached - start

    def _publish(self, event: StoredEvent) -> bool:
        """Publish an event if it is public; False when it found nobody and somebody must have it."""
        public = self._events.get(event.type)
        if public is None:
            return True
        published = PublishedEvent(
            self._source,
            event.id,
            event.type,
            event.tenant,
            event.stream,
            event.version,
            event.position,
            event.at,
        )
        properties = pika.BasicProperties(
            content_type=CONTENT_TYPE,
            content_encoding=CONTENT_ENCODING,
            delivery_mode=pika.DeliveryMode.Persistent.value,
            message_id=event.id,
            headers={},
        )
        sealed = seal_event(self._keys[event.type], self._source, event.type, event.id, published.to_body())
        body = sealed.to_text().encode("ascii")
        # Only what somebody must have comes back when nobody listens: pika warns of each message that does.
        needed = public.required_subscriber is not None
        try:
            self._connected().basic_publish(self._exchange, event.type, body, properties, mandatory=needed)
        except UnroutableError:
            return False
        return True

    def _connected(self) -> BlockingChannel:
        if self._channel is None:
            parameters = pika.URLParameters(self._uri)
            parameters.heartbeat = 30
            parameters.blocked_connection_timeout = 30
            channel = pika.BlockingConnection(parameters).channel()
            channel.confirm_delivery()
            channel.exchange_declare(self._exchange, "topic", durable=True)
            self._channel = channel
        return self._channel

    def _keep_alive(self) -> None:
        """Answer the broker's heartbeats: a blocking connection does so only when it is used."""
        if self._channel is not None:
            try:
                self._channel.connection.process_data_events(time_limit=0)
            except AMQPError:
                self.close()
                raise


def _say(tenant: str, poison: Poison, attempts: int) -> None:
    """Say in the log that a tenant is held up; a subscriber that was never started is no fault of the event's."""
    where = {"tenant": tenant, "position": poison.position, "attempts": attempts}
    if poison.kind == _SUBSCRIBER_ABSENT:
        _log.warning("subscriber_absent", **where)
    else:
        _log.error("relay_halted", error=poison.kind, **where)


def _require_next(event: StoredEvent, position: int) -> None:
    # Positions are dense; a hole means that a row is gone, and must not be stepped over.
    if event.position != position:
        raise LookupError(f"position {position} is missing from the log")
