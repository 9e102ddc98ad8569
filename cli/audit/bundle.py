"""An auditor's copy of one tenant's log: a folder that needs no server to be checked.

`events.jsonl`  one stored event a line, by position: the entry's fields, the sealed payload in base64, the leaf hash
`checkpoint`    the signed tree head (C2SP tlog-checkpoint)
`keys.age`      the DEKs, age-encrypted to the auditor: without the identity the bundle proves, but shows nothing
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeVar

from shared.crypto.age import decrypt_with
from shared.eventstore.model import StoredEvent

_T = TypeVar("_T")


class BundleUnreadable(Exception):
    """The folder is not a bundle, or a line of it is not what it should be; the message says where."""


@dataclass(frozen=True)
class Bundle:
    """The folder."""

    folder: Path

    @property
    def events_path(self) -> Path:
        """Where the events are."""
        return self.folder / "events.jsonl"

    @property
    def checkpoint_path(self) -> Path:
        """Where the signed checkpoint is."""
        return self.folder / "checkpoint"

    @property
    def keys_path(self) -> Path:
        """Where the age-encrypted DEKs are."""
        return self.folder / "keys.age"

    def events(self) -> Iterator[StoredEvent]:
        """Yield the events in the order of the file; BundleUnreadable with the line's number."""
        with _open(self.events_path) as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield _stored(json.loads(line))
                except (ValueError, KeyError, TypeError):
                    raise BundleUnreadable(f"{self.events_path}, line {number}: not a stored event") from None

    def checkpoint(self) -> str:
        """Return the signed note."""
        with _open(self.checkpoint_path) as note:
            return note.read()

    def keys(self, identity: str) -> Mapping[str, bytes]:
        """Return the DEKs by key id; `identity` is the text of an age identity file."""
        try:
            opened = json.loads(decrypt_with(identity, self.keys_path.read_bytes()))
        except OSError as error:
            raise BundleUnreadable(f"{self.keys_path}: {error.strerror}") from None
        return {key_id: base64.b64decode(dek) for key_id, dek in opened.items()}


def event_line(event: Mapping[str, object]) -> str:
    """Render what the service's `read_log` gives for one event as a line of `events.jsonl`."""
    return json.dumps(event, sort_keys=True, separators=(",", ":")) + "\n"


def _stored(row: dict[str, object]) -> StoredEvent:
    return StoredEvent(
        tenant=_of(str, row["tenant"]),
        stream=_of(str, row["stream"]),
        version=_of(int, row["version"]),
        id=_of(str, row["id"]),
        type=_of(str, row["type"]),
        schema=_of(int, row["schema"]),
        at=_of(str, row["at"]),
        key=_of(str, row["key"]),
        digest=None if row.get("digest") is None else _of(str, row["digest"]),
        sealed=base64.b64decode(_of(str, row["sealed"]), validate=True),
        position=_of(int, row["position"]),
        leaf_hash=bytes.fromhex(_of(str, row["leaf_hash"])),
    )


def _of(kind: type[_T], value: object) -> _T:
    # Exactly the type: JSON's true must not pass for the integer 1.
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}")
    return value


def _open(path: Path) -> TextIO:
    try:
        # Bytes that are no text become text that is no event and no checkpoint: a fault like any other.
        return path.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BundleUnreadable(f"{path}: {error.strerror}") from None
