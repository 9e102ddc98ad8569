"""Sealed bodies: what the broker, its disk and its operators see of a message is the name of a key and ciphertext.

The body is JSON, `{"key": "<name>", "sealed": "<base64>"}`. kombu's serializers are one set for the whole process and
know neither sender nor receiver, so a body is sealed before it gets here and opened after it leaves (sealing.py): this
serializer writes and reads the outer form, and writes nothing else, so that nothing leaves unsealed by mistake.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from kombu.serialization import register as register_serializer

NAME = "tallystick-sealed"
CONTENT_TYPE = "application/x-tallystick-sealed+json"
CONTENT_ENCODING = "utf-8"


class BodyRefused(Exception):
    """A message body that does not open here; nothing of its content is in the message."""


@dataclass(frozen=True, slots=True)
class SealedBody:
    """The body of a message."""

    key: str
    """The name of the key that opens it."""
    sealed: bytes

    def to_text(self) -> str:
        """Return what travels, ASCII."""
        return json.dumps({"key": self.key, "sealed": base64.b64encode(self.sealed).decode("ascii")})

    @classmethod
    def from_text(cls, text: str | bytes) -> "SealedBody":
        """Read what travelled; BodyRefused when it is anything else."""
        try:
            outer = json.loads(text)
            key, sealed = outer["key"], base64.b64decode(outer["sealed"], validate=True)
        except Exception:  # noqa: BLE001 - whatever is wrong with a foreign body, it is refused and not described
            raise BodyRefused("the body is not a sealed one") from None
        if not isinstance(key, str):
            raise BodyRefused("the body is not a sealed one")
        return cls(key, sealed)


def received(message: Any) -> SealedBody:  # noqa: ANN401 - amqp publishes no types
    """Return the body of a message that came without kombu; BodyRefused when it is not a sealed one."""
    if message.properties.get("content_type") != CONTENT_TYPE:
        raise BodyRefused("the body is not a sealed one")
    return SealedBody.from_text(message.body)


def register() -> None:
    """Teach kombu, for this process, the form of sealed bodies."""
    register_serializer(NAME, _write, SealedBody.from_text, CONTENT_TYPE, CONTENT_ENCODING)  # type: ignore[no-untyped-call]  # kombu publishes no types


def kombu_uri(uri: str) -> str:
    """Return an AMQP URI that names kombu's library for it: left to choose, it searches for another with each message.

    That search costs 0.2 ms; and what it found would not have the channels that callers listen to (publishing.py).
    """
    return f"py{uri}" if uri.startswith("amqp:") else uri  # over TLS (amqps) there is no choice


def nameko_config(uri: str, max_workers: int = 10) -> dict[str, object]:
    """Return nameko's configuration for a bus on which only sealed bodies are accepted."""
    forms = {"serializer": NAME, "ACCEPT": [NAME]}
    return {"AMQP_URI": kombu_uri(uri), "HEARTBEAT": 30, "max_workers": max_workers, **forms}


def _write(body: object) -> str:
    if not isinstance(body, SealedBody):
        raise TypeError("only what is sealed leaves this process")
    return body.to_text()
