"""The log entry: the bytes that the tree hashes, and the associated data of the sealed payload (docs/formats.md).

The entry is canonical JSON by construction (RFC 8785 for such values): keys sorted, no white space, values only
strings that need no escape and integers. What is not of that form is refused before it reaches the log.
"""

import json
import re
from hashlib import sha256

from shared.eventstore.model import SealedEvent
from shared.eventstore.store import EntryRefused
from shared.kernel.clock import from_rfc3339
from shared.kernel.ids import is_uuid

FORMAT = 1
LARGEST_SCHEMA = 2**31 - 1

_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_STREAM = re.compile(r"[a-z][a-z0-9_-]{0,127}")
_TYPE = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")


def log_entry(event: SealedEvent) -> bytes:
    """Return the entry of an event; its RFC 6962 leaf hash is the leaf at the event's position.

    Raises EntryRefused when a value is not of the one form that the format allows.
    """
    return _canonical(_fields(event) | {"sealed": sha256(event.sealed).hexdigest()})


def entry_aad(event: SealedEvent) -> bytes:
    """Return the entry without `sealed`: the associated data that ties the payload to its place.

    A payload moved to another stream, version, type or tenant does not open. The bytes in `event.sealed` are not
    looked at, so this serves before sealing too. Raises EntryRefused like `log_entry`.
    """
    return _canonical(_fields(event))


def check_entry(event: SealedEvent) -> None:
    """Raise EntryRefused unless the event's entry is canonical."""
    checks = {
        "at": _AT.fullmatch(event.at) is not None and _is_moment(event.at),
        "digest": event.digest is None or _DIGEST.fullmatch(event.digest) is not None,
        "id": is_uuid(event.id),
        "key": is_uuid(event.key),
        "schema": 1 <= event.schema <= LARGEST_SCHEMA,
        "stream": _STREAM.fullmatch(event.stream) is not None,
        "tenant": is_uuid(event.tenant),
        "type": _TYPE.fullmatch(event.type) is not None,
        "version": event.version >= 1,
    }
    wrong = [name for name, right in checks.items() if not right]
    if wrong:
        # Names only: a refused value may be personal, and this sentence may be logged.
        raise EntryRefused(f"not canonical: {', '.join(wrong)}")


def check_instant(instant: str) -> None:
    """Raise EntryRefused unless it is a moment as `at` spells it: so spelled, moments compare as text."""
    if _AT.fullmatch(instant) is None or not _is_moment(instant):
        raise EntryRefused("not canonical: instant")


def _fields(event: SealedEvent) -> dict[str, object]:
    check_entry(event)
    fields: dict[str, object] = {
        "at": event.at,
        "f": FORMAT,
        "id": event.id,
        "key": event.key,
        "schema": event.schema,
        "stream": event.stream,
        "tenant": event.tenant,
        "type": event.type,
        "version": event.version,
    }
    if event.digest is not None:
        fields["digest"] = event.digest
    return fields


def _canonical(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode("ascii")


def _is_moment(at: str) -> bool:
    try:
        from_rfc3339(at)
    except ValueError:
        return False
    return True
