"""Payloads as bytes: canonical JSON, so that the same payload is always the same bytes."""

import json

from shared.eventstore.model import Payload


class PayloadRefused(ValueError):
    """A payload that JSON would not give back as it was."""


def encode_payload(payload: Payload) -> bytes:
    """Return canonical JSON: keys sorted, no white space, UTF-8.

    Values are strings, integers, booleans, None, lists and dicts with string keys; PayloadRefused for anything else
    (a float would not survive; an amount is a string).
    """
    _check(payload)
    try:
        return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise PayloadRefused("a string holds half of a surrogate pair") from None


def decode_payload(encoded: bytes) -> Payload:
    """Return what `encode_payload` was given."""
    payload: dict[str, object] = json.loads(encoded)
    return payload


def _check(value: object) -> None:
    # Messages name types only: values may be personal.
    match value:
        case None | bool() | int() | str():
            pass
        case list():
            for element in value:
                _check(element)
        case dict():
            for key, element in value.items():
                if not isinstance(key, str):
                    raise PayloadRefused(f"a key is a {type(key).__name__}, not a string")
                _check(element)
        case _:
            raise PayloadRefused(f"a payload cannot hold a {type(value).__name__}")
