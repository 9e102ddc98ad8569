"""nameko's queue consumer, made to outlive the broker and to stop without dropping calls.

What differs from nameko: each provider opens what is sealed for it, and bodies that do not open are rejected without a
word of their content; exchanges of others are looked for and never made; a broker that is lost is waited for, for
ever; the connection stays open until the calls that came over it are settled, so that a graceful stop does not hand
them out a second time; and a stop also works while the broker is away.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
import structlog
from kombu.common import maybe_declare
from kombu.connection import Connection
from kombu.exceptions import KombuError
from nameko.messaging import QueueConsumer, QueueConsumerStopped

from shared.messaging.bus_keys import ServiceKeys
from shared.messaging.sealing import LARGEST
from shared.messaging.serializer import CONTENT_TYPE, BodyRefused, SealedBody
from shared.messaging.topology import is_others_exchange

_log = structlog.get_logger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two attempts to connect."""
_SERVICE_KEYS, _LARGEST = "service_keys", "largest_message"


def with_keys(config: dict[str, object], keys: ServiceKeys, largest: int = LARGEST) -> dict[str, object]:
    """Return nameko's configuration with a service's keys and its largest message, for the two functions below."""
    return {**config, _SERVICE_KEYS: keys, _LARGEST: largest}


def largest_message(container: Any) -> int:  # noqa: ANN401 - nameko publishes no types
    """Return how many bytes a message's body may have that the service sends."""
    largest: int = container.config[_LARGEST]
    return largest


def service_keys(container: Any) -> ServiceKeys:  # noqa: ANN401 - nameko publishes no types
    """Return the keys of the service that a container runs."""
    keys: ServiceKeys = container.config[_SERVICE_KEYS]
    return keys


class BusConsumer(QueueConsumer):  # type: ignore[misc]  # nameko publishes no types
    """Consumes all queues of one service over one connection."""

    def __init__(self) -> None:
        super().__init__()
        self._unsettled: set[Any] = set()
        self._blocked = False
        self._pending_remove_providers: dict[Any, Any] = {}

    def run(self) -> None:
        """Consume until asked to stop, over as many connections as it takes."""
        while not self.should_stop:
            try:
                super().run()
            except QueueConsumerStopped:
                return
            except (KombuError, *self.connection.connection_errors, *self.connection.channel_errors) as error:
                _log.warning("broker_lost", error=type(error).__name__)
                eventlet.sleep(_FIRST_PAUSE)

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """Connect, however long the broker stays away."""
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error,
                interval_start=_FIRST_PAUSE,
                interval_step=_FIRST_PAUSE,
                interval_max=_LONGEST_PAUSE,
                callback=self._stop_while_away,
            )
            yield connection

    def register_provider(self, provider: Any) -> None:  # noqa: ANN401 - nameko publishes no types
        """Take a provider in. An exchange of others is only looked for: this service has no right to make it."""
        exchange = provider.queue.exchange
        exchange.passive = is_others_exchange(exchange.name, self.container.service_name)
        super().register_provider(provider)

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Iterable[Any]:  # noqa: ANN401 - kombu publishes no types
        """Declare the queues for dead letters before those that need them."""
        for provider in self._providers:
            dead_letters = getattr(provider, "dead_letters", None)
            if dead_letters is not None:
                maybe_declare(dead_letters, channel)  # type: ignore[no-untyped-call]  # kombu
        consumers: Iterable[Any] = super().get_consumers(consumer_cls, channel)
        return consumers

    def on_connection_error(self, exc: BaseException, interval: float) -> None:
        """Say that the broker is away; the address is not in it, it holds the password."""
        _log.warning("broker_unreachable", error=type(exc).__name__, retry_in_seconds=interval)

    def on_connection_revived(self) -> None:
        """Forget what came over the old connection: the broker hands it out again."""
        self._unsettled.clear()
        self._blocked = False

    def on_consume_ready(self, connection: Connection, channel: Any, consumers: Any, **more: Any) -> None:  # noqa: ANN401 - kombu publishes no types
        """Have the broker say when it takes nothing more for now, because it is short of memory or disk."""
        connection.connection.on_blocked = self._on_blocked
        connection.connection.on_unblocked = self._on_unblocked
        super().on_consume_ready(connection, channel, consumers, **more)

    def takes_more(self, message: Any) -> bool:  # noqa: ANN401 - as above
        """Tell whether the connection that a message came over is still there, and what is sent over it is taken."""
        return not self._blocked and message.channel is not None and message.channel.connection is not None

    def on_decode_error(self, message: Any, exc: Exception) -> None:  # noqa: ANN401 - kombu publishes no types
        """Reject what does not open. It goes to the dead letters of its queue, where there are any."""
        _log.error("message_refused", queue_key=message.delivery_info.get("routing_key"), error=type(exc).__name__)
        self._settle(message, message.reject)

    def handle_message(self, provider: Any, body: object, message: Any) -> None:  # noqa: ANN401 - as above
        """Have a sealed body opened, and hand it on; kombu lets a few plain content types through, they end here."""
        if message.content_type != CONTENT_TYPE or not isinstance(body, SealedBody):
            self.on_decode_error(message, TypeError())
            return
        try:
            opened = provider.open(body, message)
        except BodyRefused as refused:
            self.on_decode_error(message, refused)
            return
        self._unsettled.add(message)
        super().handle_message(provider, opened, message)

    def ack_message(self, message: Any) -> None:  # noqa: ANN401 - as above
        """Acknowledge, unless the connection is gone: then the broker has taken the message back already."""
        self._settle(message, message.ack)

    def requeue_message(self, message: Any) -> None:  # noqa: ANN401 - as above
        """Give a message back to its queue."""
        self._settle(message, message.requeue)

    def reject_message(self, message: Any) -> None:  # noqa: ANN401 - as above
        """Give a message to the dead letters of its queue."""
        self._settle(message, message.reject)

    def on_iteration(self) -> None:
        """Cancel consumers that were asked to stop; leave when none is left and every message is settled."""
        self._cancel_consumers_if_requested()
        if not self._consumers and not self._unsettled:
            self.should_stop = True

    def _on_blocked(self, reason: str) -> None:  # noqa: ARG002 - amqp's signature
        _log.warning("broker_blocked")
        self._blocked = True

    def _on_unblocked(self) -> None:
        self._blocked = False

    def _settle(self, message: Any, how: Any) -> None:  # noqa: ANN401 - as above
        self._unsettled.discard(message)
        if message.channel is None or not message.channel.connection:
            return
        try:
            how()
        except (*self.connection.connection_errors, *self.connection.channel_errors) as error:
            _log.warning("message_not_settled", error=type(error).__name__)

    def _stop_while_away(self) -> None:
        """While there is no connection there is nothing to cancel: let those who wait for that go on."""
        if self.should_stop:
            raise QueueConsumerStopped
        pending, self._pending_remove_providers = self._pending_remove_providers, {}
        for provider, removed in pending.items():
            self._consumers.pop(provider, None)
            removed.send()
        if pending and not self._consumers:
            self.should_stop = True
            raise QueueConsumerStopped
