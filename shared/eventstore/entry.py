"""The log entry: the bytes that the tree hashes, and the associated data of the sealed payload (docs/formats.md).

The entry is canonical JSON by construction (RFC 8785 for such values): keys sorted, no white space, values only
strings that need no escape and integers. What is not of that form is refused before it reaches the log.
"""

import re
from datetime import datetime
from hashlib import sha256

from shared.eventstore.model import SealedEvent
from shared.eventstore.store import EntryRefused

FORMAT = 1
LARGEST_SCHEMA = 2**31 - 1

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FORMS = {
    "at": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z",
    "digest": r"(?:[0-9a-f]{64})?",
    "id": _UUID,
    "key": _UUID,
    "stream": r"[a-z][a-z0-9_-]{0,127}",
    "tenant": _UUID,
    "type": r"[A-Z][A-Za-z0-9]{0,99}",
}
# All in one match, because every event that is read or written passes here. No form admits a line feed, so a text that
# matches has exactly these fields in these places: a field cannot pass for two.
_ALL_FORMS = re.compile("\n".join(_FORMS.values()))


def log_entry(event: SealedEvent) -> bytes:
    """Return the entry of an event; its RFC 6962 leaf hash is the leaf at the event's position.

    Raises EntryRefused when a value is not of the one form that the format allows.
    """
    return entry_and_aad(event)[0]


def entry_aad(event: SealedEvent) -> bytes:
    """Return the entry without `sealed`: the associated data that ties the payload to its place.

    A payload moved to another stream, version, type or tenant does not open. The bytes in `event.sealed` are not
    looked at, so this serves before sealing too. Raises EntryRefused like `log_entry`.
    """
    before, after = _around_sealed(event)
    return (before + after).encode("ascii")


def entry_and_aad(event: SealedEvent) -> tuple[bytes, bytes]:
    """Return what `log_entry` and `entry_aad` return, for whoever verifies and opens; raises like them."""
    before, after = _around_sealed(event)
    entry = f'{before},"sealed":"{sha256(event.sealed).hexdigest()}"{after}'
    return entry.encode("ascii"), (before + after).encode("ascii")


def check_entry(event: SealedEvent) -> None:
    """Raise EntryRefused unless the event's entry is canonical."""
    fields = (event.at, event.digest or "", event.id, event.key, event.stream, event.tenant, event.type)
    if (
        _ALL_FORMS.fullmatch("\n".join(fields)) is None
        or event.digest == ""
        or not 1 <= event.schema <= LARGEST_SCHEMA
        or not event.version >= 1
        or not _is_moment(event.at)
    ):
        # Names only: a refused value may be personal, and this sentence may be logged.
        raise EntryRefused(f"not canonical: {', '.join(_wrong(event))}")


def check_instant(instant: str) -> None:
    """Raise EntryRefused unless it is a moment as `at` spells it: so spelled, moments compare as text."""
    if re.fullmatch(_FORMS["at"], instant) is None or not _is_moment(instant):
        raise EntryRefused("not canonical: instant")


def _around_sealed(event: SealedEvent) -> tuple[str, str]:
    """Return the canonical JSON before and after the place of `sealed`.

    The forms admit no character that JSON would escape, so each string stands between quotes as it is.
    """
    check_entry(event)
    digest = "" if event.digest is None else f',"digest":"{event.digest}"'
    return (
        f'{{"at":"{event.at}"{digest},"f":{FORMAT},"id":"{event.id}","key":"{event.key}","schema":{event.schema:d}',
        f',"stream":"{event.stream}","tenant":"{event.tenant}","type":"{event.type}","version":{event.version:d}}}',
    )


def _wrong(event: SealedEvent) -> list[str]:
    """Return the names of the fields that are not as they should be, sorted."""
    values = {name: getattr(event, name) for name in _FORMS}
    wrong = {name for name, form in _FORMS.items() if re.fullmatch(form, values[name] or "") is None}
    others = {
        "at": not _is_moment(event.at),
        "digest": event.digest == "",
        "schema": not 1 <= event.schema <= LARGEST_SCHEMA,
        "version": not event.version >= 1,
    }
    return sorted(wrong | {name for name, is_wrong in others.items() if is_wrong})


def _is_moment(at: str) -> bool:
    """Tell whether a text of the right form is a moment: not February 30th, not a leap second."""
    try:
        datetime.fromisoformat(at)
    except ValueError:
        return False
    return True
