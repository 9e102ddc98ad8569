"""How messages are sealed, and what each is bound to: docs/formats.md says the bytes.

A call opens for the service that is called and nobody else, at the method, the place of the answer and the call id that
it was made for. It carries a key that its caller made for it alone, and its answer opens under that key, for that call
id: whoever answers has opened the call, so an answer also shows that it comes from the called service. An event opens
under the key that its source shares with its subscriber, as the type and under the id that it was published with.

Every failure is the same BodyRefused. That a message came before is not looked at here: the broker hands out again what
it may have lost. Idempotency keys, factors that are used up and the inbox make a repetition harmless.
"""

import base64
import json
import os
from dataclasses import dataclass, field
from typing import Any

from shared.crypto.envelope import KEY_BYTES, SealBroken, open_sealed, seal
from shared.crypto.hpke import SealingKey
from shared.messaging.bus_keys import CallKeys, EventKeys, KeyNotHeld
from shared.messaging.serializer import BodyRefused, SealedBody
from shared.messaging.topology import RPC_EXCHANGE, event_exchange

ANSWER_KEY = "reply"
"""What the key of an answer is called: there is one for each call."""
_CALL, _ANSWER, _EVENT = b"tallystick/v1/call", b"tallystick/v1/answer", b"tallystick/v1/bus-event"


LARGEST = 64 * 1024 * 1024
"""Bytes of a body where nothing else is set: half of what RabbitMQ takes by itself (its `max_message_size`).

A broker closes the channel of who sends more, which would take the other calls of the process with it.
"""
_OUTER = 1024
"""More than what surrounds the ciphertext: the name of the key, what sealing adds, JSON."""


class TooLarge(Exception):
    """What was to be sent is larger than a message may be; nothing of its content is in the message."""


class NotJson(Exception):
    """What was to be sent cannot be written as JSON."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a call goes and where its answer is waited for."""

    routing_key: str
    """`<service>.<method>`."""
    reply_to: str
    """The routing key of the answer."""
    call_id: str
    """The correlation id of both messages."""

    @classmethod
    def of(cls, message: Any) -> "Passage":  # noqa: ANN401 - kombu publishes no types
        """Read it from a call that arrived; BodyRefused when it came over another exchange."""
        where, properties = message.delivery_info, message.properties
        if where["exchange"] != RPC_EXCHANGE:
            raise BodyRefused("the call came another way")
        return cls(where["routing_key"], properties.get("reply_to", ""), properties.get("correlation_id", ""))

    def call_binding(self) -> bytes:
        """Return what the call is bound to."""
        return _binding(_CALL, RPC_EXCHANGE, self.routing_key, self.reply_to, self.call_id)

    def answer_binding(self) -> bytes:
        """Return what the answer is bound to."""
        return _binding(_ANSWER, RPC_EXCHANGE, self.reply_to, self.call_id)


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """A call, as the service reads it."""

    call: dict[str, Any]
    """nameko's form: `args` and `kwargs`."""
    reply_key: bytes = field(repr=False)


def new_reply_key() -> bytes:
    """Return the key for the answer to one call."""
    return os.urandom(KEY_BYTES)


def seal_call(
    to: SealingKey, passage: Passage, arguments: dict[str, Any], reply_key: bytes, largest: int = LARGEST
) -> SealedBody:
    """Seal a call's keyword arguments to a service; raises NotJson, TooLarge for more than `largest` bytes."""
    call = {"args": [], "kwargs": arguments, "reply_key": base64.b64encode(reply_key).decode("ascii")}
    return SealedBody(to.id, to.seal(_written(call, largest), passage.call_binding()))


def open_call(keys: CallKeys, body: SealedBody, passage: Passage) -> OpenedCall:
    """Open a call to this service; raises BodyRefused."""
    try:
        call = _read(keys.by_id(body.key).open(body.sealed, passage.call_binding()))
    except (KeyNotHeld, SealBroken):
        raise BodyRefused("the call was not sealed to this service for this place") from None
    try:
        reply_key = base64.b64decode(call.pop("reply_key"), validate=True)
    except (KeyError, TypeError, ValueError):
        reply_key = b""
    if len(reply_key) != KEY_BYTES:
        raise BodyRefused("the call brings no key for its answer")
    return OpenedCall(call, reply_key)


def seal_answer(reply_key: bytes, passage: Passage, answer: dict[str, Any], largest: int = LARGEST) -> SealedBody:
    """Seal the answer to a call; raises NotJson, TooLarge."""
    return SealedBody(ANSWER_KEY, seal(reply_key, _written(answer, largest), passage.answer_binding()))


def open_answer(reply_key: bytes, body: SealedBody, passage: Passage) -> dict[str, Any]:
    """Open the answer to one's own call; raises BodyRefused."""
    try:
        return _read(open_sealed(reply_key, body.sealed, passage.answer_binding()))
    except SealBroken:
        raise BodyRefused("the answer was not sealed for this call") from None


def seal_event(keys: EventKeys, source: str, event_type: str, event_id: str, event: dict[str, Any]) -> SealedBody:
    """Seal an event for the service that its source shares these keys with; raises NotJson, TooLarge."""
    name, key = keys.current
    return SealedBody(name, seal(key, _written(event, LARGEST), event_binding(source, event_type, event_id)))


def open_event(keys: EventKeys, body: SealedBody, source: str, event_type: str, event_id: str) -> dict[str, Any]:
    """Open an event of a source; raises BodyRefused."""
    try:
        return _read(open_sealed(keys.by_id(body.key), body.sealed, event_binding(source, event_type, event_id)))
    except (KeyNotHeld, SealBroken):
        raise BodyRefused("the event was not sealed by its source as this one") from None


def event_binding(source: str, event_type: str, event_id: str) -> bytes:
    """Return what an event is bound to."""
    return _binding(_EVENT, event_exchange(source), event_type, event_id)


def _binding(purpose: bytes, *parts: str) -> bytes:
    """Join parts so that no two lists give the same bytes."""
    return purpose + json.dumps(parts, separators=(",", ":")).encode("ascii")


def _written(content: object, largest: int) -> bytes:
    try:
        written = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except Exception:  # noqa: BLE001 - what a service returned may raise anything while it is written
        raise NotJson("what was to be sent is not JSON") from None
    if len(written) // 3 * 4 + _OUTER > largest:  # in base64
        raise TooLarge(f"what was to be sent has {len(written)} bytes")
    return written


def _read(plaintext: bytes) -> dict[str, Any]:
    try:
        content = json.loads(plaintext)
    except (ValueError, RecursionError):  # anybody may seal a call: what is inside is still a stranger's
        content = None
    if not isinstance(content, dict):
        raise BodyRefused("what was sealed is not a JSON object")
    return content
