"""Payloads as bytes: canonical JSON, so that the same payload is always the same bytes.

What is sealed is one object: `{"by": {...}, "data": {...}}`, the author and the event's data; absent fields are left
out.
"""

import json
from typing import Any, Literal

from shared.eventstore.model import Author, Payload

_KINDS: dict[str, Literal["person", "service", "anonymous"]] = {
    "person": "person",
    "service": "service",
    "anonymous": "anonymous",
}


class PayloadRefused(ValueError):
    """A payload that JSON would not give back as it was."""


def encode_content(data: Payload, by: Author | None) -> bytes:
    """Return what is sealed: the event's data and who made it happen. PayloadRefused as `encode_payload`."""
    return encode_payload({"data": data} if by is None else {"by": _author_to(by), "data": data})


def decode_content(encoded: bytes) -> tuple[Payload, Author | None]:
    """Return what `encode_content` was given; PayloadRefused, without quoting it, for anything else."""
    try:
        content = json.loads(encoded)
        by, data = content.pop("by", None), content.pop("data")
        if content or not isinstance(data, dict):
            raise PayloadRefused("the sealed object has other fields than it should")
        return data, None if by is None else _author_from(by)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PayloadRefused("what was sealed is not an author and data") from None


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


def _author_to(by: Author) -> dict[str, object]:
    fields = {"kind": by.kind, "id": by.id, "factors": list(by.factors), "session": by.session, "source": by.source}
    return {name: value for name, value in fields.items() if value}


def _author_from(by: dict[str, Any]) -> Author:
    # What opened is what was sealed, so this reads one's own writing; an unknown kind is a KeyError all the same.
    return Author(
        kind=_KINDS[by["kind"]],
        id=by.get("id", ""),
        factors=tuple(by.get("factors", ())),
        session=by.get("session"),
        source=by.get("source"),
    )


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
