"""Event handlers that lose nothing: an event is acknowledged once it stands in the inbox, and not before.

nameko's own `@event_handler` acknowledges an event whose handler raised, or hands it out again at once, for ever.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from eventlet import Timeout
from eventlet.event import Event
from kombu.entity import Exchange, Queue
from nameko.events import EventHandler

from shared.contracts.errors import PublicError
from shared.contracts.events import EventMalformed, PublishedEvent
from shared.messaging.bus_consumer import BusConsumer, service_keys
from shared.messaging.sealing import open_event
from shared.messaging.serializer import SealedBody
from shared.messaging.topology import dead_letter_exchange, dead_letter_queue

_log = structlog.get_logger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
"""Seconds an event waits after its handler raised."""


class InboxHandler(EventHandler):  # type: ignore[misc]  # nameko publishes no types
    """Gives each event of one type to a method that records it.

    When the method raises, the event stays with this worker, unacknowledged, for a pause that doubles with every
    failure in a row, and goes back to its queue. A body that is not an event goes to the dead letters.
    """

    queue_consumer = BusConsumer()

    def __init__(self, source: str, event_type: str) -> None:
        super().__init__(source, event_type)
        self._failures = 0
        self._stopping = Event()

    def setup(self) -> None:
        """Name the queues: the handler's own, and the service's dead letters behind it."""
        super().setup()
        service = self.container.service_name
        exchange = Exchange(dead_letter_exchange(service), type="fanout", durable=True)  # type: ignore[no-untyped-call]  # kombu
        self.dead_letters = Queue(dead_letter_queue(service), exchange=exchange, durable=True)  # type: ignore[no-untyped-call]  # kombu
        self.queue.queue_arguments = {"x-dead-letter-exchange": exchange.name}

    def open(self, body: SealedBody, message: Any) -> dict[str, Any]:  # noqa: ANN401 - kombu publishes no types
        """Open an event of this handler's source and type; raises BodyRefused."""
        keys = service_keys(self.container).between(self.source_service, self.container.service_name)
        return open_event(keys, body, self.source_service, self.event_type, message.properties.get("message_id", ""))

    def stop(self) -> None:
        """Stop taking events, and give those that wait back to the queue."""
        self._let_go()
        super().stop()

    def kill(self) -> None:
        """Let waiting events go: the broker has them still."""
        self._let_go()

    def handle_message(self, body: object, message: Any) -> None:  # noqa: ANN401 - kombu publishes no types
        """Call the method with the event."""
        try:
            event = PublishedEvent.from_body(self.source_service, body)
        except EventMalformed:
            _log.error("event_refused", source=self.source_service, type=self.event_type)
            self.queue_consumer.reject_message(message)
            return
        super().handle_message(event, message)

    def handle_message_processed(
        self,
        message: Any,  # noqa: ANN401 - kombu publishes no types
        result: object = None,  # noqa: ARG002 - nameko's signature
        exc_info: tuple[type[BaseException], BaseException, object] | None = None,
    ) -> None:
        """Acknowledge what was recorded; keep the rest for a while and give it back."""
        if exc_info is None:
            self._failures = 0
            self.queue_consumer.ack_message(message)
            return
        pause = min(_FIRST_PAUSE * 2**self._failures, _LONGEST_PAUSE)
        self._failures += 1
        error = exc_info[1]
        code = error.code.value if isinstance(error, PublicError) else exc_info[0].__name__
        _log.warning("event_not_recorded", type=self.event_type, error=code, retry_in_seconds=pause)
        # Not in the worker's own thread: those are few, and calls need them.
        self.container.spawn_managed_thread(partial(self._give_back, message, pause))

    def _give_back(self, message: Any, pause: float) -> None:  # noqa: ANN401 - kombu publishes no types
        with Timeout(pause, False):
            self._stopping.wait()
        self.queue_consumer.requeue_message(message)

    def _let_go(self) -> None:
        if not self._stopping.ready():
            self._stopping.send()


def inbox_handler(source: str, event_type: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a method `(self, event: PublishedEvent) -> None` that records events of one type of one service.

    It only records (`Inbox.record`) and returns: the work is done from the inbox, where it survives and is counted.
    """
    decorate: Callable[[Callable[..., None]], Callable[..., None]] = InboxHandler.decorator(source, event_type)
    return decorate
