"""One's own calls, from the moment they are sealed until they are answered or given up."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from shared.messaging.bus_keys import PublishedCallKeys
from shared.messaging.sealing import LARGEST, Passage, new_reply_key, open_answer, seal_call
from shared.messaging.sending import send
from shared.messaging.serializer import BodyRefused, SealedBody


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """A sealed call, and the key of its answer."""

    passage: Passage
    body: SealedBody
    reply_key: bytes = field(repr=False)

    @classmethod
    def to(
        cls,
        service: str,
        method: str,
        arguments: dict[str, Any],
        *,
        keys: PublishedCallKeys,
        reply_to: str,
        largest: int = LARGEST,
    ) -> "OutgoingCall":
        """Seal a call to a service; raises KeyNotHeld for one that has no key, NotJson, TooLarge."""
        passage = Passage(f"{service}.{method}", reply_to, str(uuid.uuid4()))
        reply_key = new_reply_key()
        return cls(passage, seal_call(keys.of(service), passage, arguments, reply_key, largest), reply_key)

    def send(self, channel: Any) -> None:  # noqa: ANN401 - amqp publishes no types
        """Send it on a channel; one that nobody hears is returned there. Raises what `sending.send` raises."""
        passage = self.passage
        send(
            channel,
            self.body,
            routing_key=passage.routing_key,
            mandatory=True,
            reply_to=passage.reply_to,
            correlation_id=passage.call_id,
        )


class AwaitedAnswers:
    """The calls that wait for their answers."""

    def __init__(self) -> None:
        self._calls: dict[str, OutgoingCall] = {}

    def expect(self, call: OutgoingCall) -> None:
        """Wait for the answer to this call."""
        self._calls[call.passage.call_id] = call

    def forget(self, call: OutgoingCall) -> None:
        """Wait no longer; when the answer comes late nobody can open it any more."""
        self._calls.pop(call.passage.call_id, None)

    def open(self, body: object, message: Any) -> dict[str, Any]:  # noqa: ANN401 - kombu publishes no types
        """Open the answer to a call that still waits; raises BodyRefused."""
        call = self._calls.get(message.properties.get("correlation_id", ""))
        if call is None or not isinstance(body, SealedBody):
            raise BodyRefused("nobody waits for this answer")
        return open_answer(call.reply_key, body, call.passage)
