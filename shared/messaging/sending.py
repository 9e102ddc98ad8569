"""Sending on a channel, without waiting for the broker: calls of programs, and small answers."""

import socket
from contextlib import suppress
from typing import Any

from amqp import Message as AmqpMessage
from amqp import spec

from shared.messaging.serializer import CONTENT_ENCODING, CONTENT_TYPE, SealedBody
from shared.messaging.topology import RPC_EXCHANGE

_ARGUMENTS = "Bssbb"
"""How AMQP writes what goes with a message: a reserved byte, exchange, routing key, mandatory, immediate."""
_PERSISTENT = 2


def send(channel: Any, body: SealedBody, *, routing_key: str, mandatory: bool = False, **properties: str) -> None:  # noqa: ANN401 - amqp publishes no types
    """Publish a call or an answer, and wait for nothing: the broker takes it before what is sent on the channel later.

    Not by the channel's own `basic_publish`, which would read from the connection first, perhaps in the middle of what
    another green thread is reading. Several may write: amqp writes one message after the other, under a lock. Raises
    OSError, and what amqp raises, when the connection is lost.
    """
    message = AmqpMessage(
        body.to_text().encode("ascii"),
        content_type=CONTENT_TYPE,
        content_encoding=CONTENT_ENCODING,
        delivery_mode=_PERSISTENT,
        **properties,
    )
    connection, arguments = channel.connection, (0, RPC_EXCHANGE, routing_key, mandatory, False)
    try:
        channel.send_method(spec.Basic.Publish, _ARGUMENTS, arguments, message)
    except OSError:
        # Perhaps half of it is on its way. What is written next would be taken for the other half: nothing may be.
        if connection.connected:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        raise
