"""Payloads as bytes: canonical JSON, so that the same payload is always the same bytes.

What is sealed is one object: `{"by": {...}, "data": {...}}`, the author and the event's data; absent fields are left
out.
"""

from typing import Any

import msgspec

from shared.eventstore.model import Author, Payload

# Exactly these types: an enumeration, or any other kind of string, would come back as something else.
_PLAIN = frozenset({str, int, bool, type(None)})


class _Content(msgspec.Struct, forbid_unknown_fields=True):
    """What is sealed; reading checks it against these types."""

    data: dict[str, Any]
    by: Author | None = None


_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(_Content)


class PayloadRefused(ValueError):
    """A payload that JSON would not give back as it was."""


def encode_content(data: Payload, by: Author | None) -> bytes:
    """Return what is sealed: the event's data and who made it happen. PayloadRefused as `encode_payload`."""
    return encode_payload({"data": data} if by is None else {"by": _author_to(by), "data": data})


def decode_content(encoded: bytes) -> tuple[Payload, Author | None]:
    """Return what `encode_content` was given; PayloadRefused, without quoting it, for anything else."""
    try:
        content = _DECODER.decode(encoded)
    except (ValueError, RecursionError):
        raise PayloadRefused("what was sealed is not an author and data") from None
    return content.data, content.by


def encode_payload(payload: Payload) -> bytes:
    """Return canonical JSON: keys sorted, no white space, UTF-8.

    Values are strings, integers, booleans, None, lists and dicts with string keys; PayloadRefused for anything else
    (a float would not survive; an amount is a string).
    """
    _check(payload)
    try:
        return _ENCODER.encode(payload)
    except UnicodeEncodeError:
        raise PayloadRefused("a string holds half of a surrogate pair") from None


def _author_to(by: Author) -> dict[str, object]:
    fields = {"kind": by.kind, "id": by.id, "factors": list(by.factors), "session": by.session, "source": by.source}
    return {name: value for name, value in fields.items() if value}


def _check(value: object) -> None:
    # Messages name types only: values may be personal.
    match value:
        case dict():
            for key, element in value.items():
                if type(key) is not str:
                    raise PayloadRefused(f"a key is a {type(key).__name__}, not a string")
                if type(element) not in _PLAIN:
                    _check(element)
        case list():
            for element in value:
                if type(element) not in _PLAIN:
                    _check(element)
        case _:
            raise PayloadRefused(f"a payload cannot hold a {type(value).__name__}")
