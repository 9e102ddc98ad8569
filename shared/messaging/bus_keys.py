"""The keys of the bus, as each end of it holds them.

A call is sealed to the public key of the service that is called: `CallKeys` are its private halves, in a file that this
service alone has; `PublishedCallKeys` are everybody's public ones. Events are sealed under a symmetric key
that the service that publishes them shares with the one that subscribes to them, and with nobody else: `EventKeys`.

Files of secret keys have a key a line, base64 of 32 bytes, the newest first: it seals, all open. Every key is named
after itself, so that a new one is another one without further care.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from shared.crypto.hpke import OpeningKey, SealingKey
from shared.crypto.kek import decode_keys
from shared.crypto.tokens import KeySetInvalid
from shared.messaging.topology import EventEnds
from shared.messaging.watched_file import WatchedFile

_Key = TypeVar("_Key")


class KeyNotHeld(Exception):
    """This end of the bus does not hold the key that is asked for; names a service or the id of a key."""


class CallKeys:
    """A service's own private keys: the current one, and those before it for calls that are still on their way."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises KeyFileRefused, OSError."""
        self._file = WatchedFile(path, _opening_keys)

    def by_id(self, key_id: str) -> OpeningKey:
        """Return the key of this name; raises KeyNotHeld."""
        return _held(self._file.now(), key_id)

    @property
    def current(self) -> OpeningKey:
        """The key whose public half is to be published."""
        return next(iter(self._file.now().values()))


class PublishedCallKeys:
    """The public key of each service: a JWKS (RFC 7517, RFC 8037) with a key for each, `kid` the service."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises KeySetInvalid, OSError."""
        self._file = WatchedFile(path, _published)

    def of(self, service: str) -> SealingKey:
        """Return the key that calls to a service are sealed to; raises KeyNotHeld."""
        return _held(self._file.now(), service)


class EventKeys:
    """The keys between two services: the current one, and those before it for events that were not taken yet."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises KeyFileRefused, OSError."""
        self._file = WatchedFile(path, _event_keys)

    def by_id(self, key_id: str) -> bytes:
        """Return the key of this name, 32 bytes; raises KeyNotHeld."""
        return _held(self._file.now(), key_id)

    @property
    def current(self) -> tuple[str, bytes]:
        """The key that seals, behind its name."""
        return next(iter(self._file.now().items()))


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """What a service holds."""

    published: PublishedCallKeys
    calls: CallKeys = field(repr=False)
    events: Mapping[EventEnds, EventKeys] = field(repr=False)
    """Those that it publishes or reads, by source and subscriber."""

    def between(self, source: str, subscriber: str) -> EventKeys:
        """Return the keys of the events that one service publishes for another; raises KeyNotHeld."""
        try:
            return self.events[source, subscriber]
        except KeyError:
            raise KeyNotHeld(f"no key of events from {source} to {subscriber} is held here") from None


def published_set(keys: Mapping[str, SealingKey]) -> str:
    """Return the document that `PublishedCallKeys` reads."""
    entries = [
        {"kty": "OKP", "crv": "X25519", "use": "enc", "kid": service, "x": _base64url(key.raw)}
        for service, key in keys.items()
    ]
    return json.dumps({"keys": entries}, indent=1)


def _held(keys: Mapping[str, _Key], name: str) -> _Key:
    try:
        return keys[name]
    except KeyError:
        raise KeyNotHeld(f"no key {name} is held here") from None


def _opening_keys(path: Path) -> Mapping[str, OpeningKey]:
    keys = [OpeningKey(raw) for raw in decode_keys(path)]
    return {key.public.id: key for key in keys}


def _event_keys(path: Path) -> Mapping[str, bytes]:
    return {_name(key): key for key in decode_keys(path)}


def _name(key: bytes) -> str:
    """Name a secret key by a one-way fingerprint."""
    return hmac.digest(key, b"tallystick/v1/event-key-id", hashlib.sha256).hex()[:16]


def _published(path: Path) -> Mapping[str, SealingKey]:
    try:
        entries = json.loads(path.read_text("utf-8"))["keys"]
        keys = {_text(entry["kid"]): _sealing_key(entry) for entry in entries}
    except (ValueError, KeyError, TypeError):  # ValueError: JSON, UTF-8, base64 and the length of a key
        raise KeySetInvalid(f"{path}: not a set of X25519 public keys (RFC 7517, RFC 8037)") from None
    if not keys or len(keys) != len(entries):
        raise KeySetInvalid(f"{path}: needs at least one key and a different kid for each")
    return keys


def _sealing_key(entry: Mapping[str, object]) -> SealingKey:
    if (entry["kty"], entry["crv"]) != ("OKP", "X25519") or "d" in entry:  # a private key has no place among these
        raise ValueError("no public X25519 key")
    encoded = _text(entry["x"])
    return SealingKey(base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
