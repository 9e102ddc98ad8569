"""Publishing that hears the broker out."""

from typing import Any

from kombu.messaging import Producer
from nameko.amqp.publish import Publisher, UndeliverableMessage, get_producer
from nameko.constants import PERSISTENT

from shared.messaging.serializer import SealedBody


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
