"""Publishing: calls, hearing the broker out; and small answers, by the way that their call came."""

import socket
from contextlib import suppress
from typing import Any

from amqp import Message as AmqpMessage
from amqp import spec
from kombu.messaging import Producer
from nameko.amqp.publish import Publisher, UndeliverableMessage, get_producer
from nameko.constants import PERSISTENT

from shared.messaging.serializer import CONTENT_ENCODING, CONTENT_TYPE, SealedBody

_PUBLISH_ARGUMENTS = "Bssbb"
"""How AMQP writes them: a reserved byte, exchange, routing key, mandatory, immediate."""


class CallPublisher(Publisher):  # type: ignore[misc]  # nameko publishes no types
    """Publishes calls, each to a service that is there.

    The broker returns a message that nobody can get, and then confirms it. nameko has the return raised at once, out of
    the wait for the confirmation, which is still to come when the channel is closed: amqp warns of it on stderr. Here
    the confirmation is waited for, and the return is looked at afterwards.
    """

    def publish(
        self,
        payload: SealedBody,
        **sent: Any,  # noqa: ANN401 - as kombu takes them
    ) -> None:
        """Publish and wait for the confirmation; UndeliverableMessage where no queue takes it."""
        returned: list[object] = []

        def note(*about: object) -> None:
            returned.append(about)

        with get_producer(self.amqp_uri, ssl=self.ssl, login_method=self.login_method) as producer:
            hearing = _returns_of(producer)
            hearing.add(note)
            try:
                producer.publish(
                    payload,
                    headers={},
                    delivery_mode=PERSISTENT,
                    serializer=sent.pop("serializer", self.serializer),
                    retry=self.retry,
                    retry_policy=self.retry_policy,
                    **sent,
                )
            finally:
                hearing.discard(note)
        if returned:
            raise UndeliverableMessage


def _returns_of(producer: Producer) -> set[object]:
    """Return who is told of the messages that come back on a producer's channel."""
    returns: set[object] = producer.channel.events["basic_return"]
    return returns


def publish_beside(channel: Any, body: SealedBody, *, exchange: str, routing_key: str, call_id: str) -> None:  # noqa: ANN401 - amqp publishes no types
    """Publish on a channel that another green thread reads; the broker takes it before what is sent there afterwards.

    Nothing is waited for. Not by the channel's own `basic_publish`, which would read from the connection first, in the
    middle of what the other thread is reading. Writing is safe: amqp writes one message after the other, under a lock.
    Raises OSError, and what amqp raises, when the connection is lost.
    """
    message = AmqpMessage(
        body.to_text().encode("ascii"),
        content_type=CONTENT_TYPE,
        content_encoding=CONTENT_ENCODING,
        delivery_mode=PERSISTENT,
        correlation_id=call_id,
    )
    connection = channel.connection
    try:
        channel.send_method(spec.Basic.Publish, _PUBLISH_ARGUMENTS, (0, exchange, routing_key, False, False), message)
    except OSError:
        # Perhaps half of it is on its way. What is written next would be taken for the other half: nothing may be.
        if connection.connected:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        raise
