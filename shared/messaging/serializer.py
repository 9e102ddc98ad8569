"""Sealed bodies: what the broker, its disk and its operators see of a message is a key id and ciphertext.

The body is JSON, `{"key": "<id>", "sealed": "<base64>"}`; `sealed` is the envelope of docs/formats.md under a bus key.
A key file has one `id base64(32 bytes)` a line: the first seals, all of them open, so that a key is rotated by adding
the new one at the end everywhere, then moving it to the top, then dropping the old one.

Every service holds the bus keys: they keep content from the broker, not services apart. Who may do what is decided by
the token inside the body, and a message that the broker repeats is made harmless by idempotency keys and the inbox.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field
from pathlib import Path

from kombu.serialization import register as register_serializer

from shared.crypto.envelope import open_sealed, seal
from shared.crypto.private_files import KeyFileRefused, read_private_file

NAME = "tallystick-sealed"
CONTENT_TYPE = "application/x-tallystick-sealed+json"
CONTENT_ENCODING = "utf-8"
_KEY_BYTES = 32
_CONTEXT = b"tallystick/v1/bus/"


class BusKeysInvalid(Exception):
    """The key file cannot be used; the message says why and shows no key."""


class BodyRefused(Exception):
    """A message body that no bus key opens; nothing of its content is in the message."""


@dataclass(frozen=True, slots=True)
class BusKeys:
    """The keys of the bus by id, in the order of the file."""

    keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> "BusKeys":
        """Read a key file; BusKeysInvalid when others can read it, or a line is not `id base64(32 bytes)`."""
        try:
            content = read_private_file(path)
        except KeyFileRefused:
            raise BusKeysInvalid("other users can read it") from None
        except OSError as error:
            raise BusKeysInvalid(f"it cannot be read: {error.strerror}") from None
        return cls.parse(content.decode("ascii", errors="replace"))

    @classmethod
    def parse(cls, text: str) -> "BusKeys":
        """Read the lines of a key file; BusKeysInvalid when there is none, or one is malformed or repeated."""
        keys: dict[str, bytes] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            key_id, _, encoded = line.strip().partition(" ")
            try:
                key = base64.b64decode(encoded.strip(), validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if len(key) != _KEY_BYTES or key_id in keys:
                raise BusKeysInvalid(f"line {number} is not a new id and 32 bytes in base64")
            keys[key_id] = key
        if not keys:
            raise BusKeysInvalid("it holds no key")
        return cls(keys)

    def seal(self, content: object) -> str:
        """Seal a JSON value into a message body; TypeError when it is not JSON."""
        key_id, key = next(iter(self.keys.items()))
        plaintext = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        sealed = seal(key, plaintext, _CONTEXT + key_id.encode())
        return json.dumps({"key": key_id, "sealed": base64.b64encode(sealed).decode("ascii")})

    def open(self, body: str | bytes) -> object:
        """Open a message body; BodyRefused, for every reason alike, when that fails."""
        try:
            outer = json.loads(body)
            key_id = outer["key"]
            sealed = base64.b64decode(outer["sealed"], validate=True)
            plaintext = open_sealed(self.keys[key_id], sealed, _CONTEXT + key_id.encode())
            content: object = json.loads(plaintext)
        except Exception:  # noqa: BLE001 - whatever is wrong with a foreign body, it is refused and not described
            raise BodyRefused("the body was not sealed under a key of this bus") from None
        return content


def register(keys: BusKeys) -> None:
    """Teach kombu, for this process, to seal and open bodies with these keys."""
    register_serializer(  # type: ignore[no-untyped-call]  # kombu publishes no types
        NAME, keys.seal, keys.open, CONTENT_TYPE, CONTENT_ENCODING
    )


def nameko_config(uri: str, max_workers: int = 10) -> dict[str, object]:
    """Return nameko's configuration for a bus on which only sealed bodies are accepted."""
    return {"AMQP_URI": uri, "serializer": NAME, "ACCEPT": [NAME], "HEARTBEAT": 30, "max_workers": max_workers}
