"""Identifiers: UUIDv7 (RFC 9562), lower case, so that they sort by the time they were made."""

import re

import uuid6

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """Return a new UUIDv7 as 36 lower-case characters."""
    return str(uuid6.uuid7())


def is_uuid(text: str) -> bool:
    """Tell whether `text` is a UUID in the one spelling that the log accepts."""
    return _UUID.fullmatch(text) is not None
