"""Hearing what passes an exchange, and saying it again: what nobody may do but the administrator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from shared.messaging.sealing import Passage
from shared.messaging.serializer import CONTENT_TYPE, SealedBody
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import wait_until

QUEUE = "overheard"


@dataclass(frozen=True)
class Overheard:
    """A message that passed an exchange."""

    routing_key: str
    properties: pika.BasicProperties
    body: SealedBody

    @property
    def passage(self) -> Passage:
        """Of a call."""
        return Passage(self.routing_key, str(self.properties.reply_to), str(self.properties.correlation_id))


def overhear(bus: Bus, channel: BlockingChannel, exchange: str, during: Callable[[], object]) -> list[Overheard]:
    """Return what passes an exchange while something is done, a message at least."""
    channel.queue_delete(QUEUE)
    channel.queue_declare(QUEUE, durable=True)
    channel.queue_bind(QUEUE, exchange, "#")
    during()
    expected = 2 if exchange == "nameko-rpc" else 1
    # The answer may be with the caller a moment before it is in this queue.
    wait_until(lambda: bus.vhost.depth(QUEUE) >= expected, "what is overheard")
    messages = []
    for _ in range(expected):
        method, properties, body = channel.basic_get(QUEUE, auto_ack=True)
        assert method is not None
        assert properties is not None
        assert body is not None
        messages.append(Overheard(method.routing_key, properties, SealedBody.from_text(body)))
    channel.queue_delete(QUEUE)
    return messages


def say_again(channel: BlockingChannel, call: Overheard, **changes: Any) -> None:  # noqa: ANN401 - a text or a body
    """Publish what was overheard once more, with something else than it had."""
    properties = pika.BasicProperties(
        content_type=CONTENT_TYPE,
        reply_to=changes.get("reply_to", call.properties.reply_to),
        correlation_id=changes.get("correlation_id", call.properties.correlation_id),
    )
    body = changes.get("body", call.body).to_text().encode()
    channel.basic_publish("nameko-rpc", changes.get("routing_key", call.routing_key), body, properties)
