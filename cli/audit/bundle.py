"""An auditor's copy of a log: a folder that needs no server to be checked (docs/formats.md, "Bundle").

`bundle.json`             {"format", "origin", "first", "last", "size"}: what the copy holds, which is checked
`checkpoint`              the signed tree head (C2SP tlog-checkpoint), with the witness's cosignature where there is one
`tile/<L>/<N>[.p/<W>]`    every tile of the tree (C2SP tlog-tiles)
`tile/entries/<N>[.p/W]`  the log entries of the range's tiles: `u16be length | entry`
`sealed/<N>[.p/<W>]`      their sealed payloads: `u32be length | payload`
`keys.age`                the range's DEKs, age-encrypted to the auditor: without the identity the bundle shows nothing
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cli.audit.entries import stored_event
from shared.crypto.age import decrypt_with
from shared.crypto.envelope import KEY_BYTES
from shared.eventstore.event_walk import UnreadableEvent
from shared.eventstore.model import StoredEvent
from shared.eventstore.tree_walk import CopyUnreadable
from shared.merkle.tiles import WIDTH, Tile, tile_width

FORMAT = "tallystick-bundle/1"
_ENTRY_LENGTH, _SEALED_LENGTH = 2, 4


@dataclass(frozen=True, slots=True)
class Contents:
    """What a bundle says that it holds."""

    origin: str
    first: int
    """First position of the range."""
    last: int
    """Last one; `first - 1` when the log was empty."""
    size: int
    """Size of the tree."""

    def to_json(self) -> str:
        """Return `bundle.json`."""
        fields = {"format": FORMAT, "origin": self.origin, "first": self.first, "last": self.last, "size": self.size}
        return json.dumps(fields, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Contents":
        """Read `bundle.json`; raises CopyUnreadable for anything that `to_json` would not have written."""
        fields = parse_object(text, "bundle.json")
        if fields.get("format") != FORMAT:
            raise CopyUnreadable(f"bundle.json: not a bundle of the format {FORMAT}")
        kinds = {"format": str, "origin": str, "first": int, "last": int, "size": int}
        if {name: type(value) for name, value in fields.items()} != kinds:
            raise CopyUnreadable(f"bundle.json: it has exactly the fields {', '.join(kinds)}")
        del fields["format"]
        contents = cls(**fields)
        if not 0 <= contents.first <= contents.last + 1 <= contents.size < 1 << 63:
            raise CopyUnreadable("bundle.json: there is no such range")
        return contents


class Bundle:
    """The folder, to be read. What it says of itself is checked by `verify_log`, not here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def contents(self) -> Contents:
        """What it says that it holds; raises CopyUnreadable."""
        return Contents.from_json(self._text("bundle.json"))

    @property
    def first(self) -> int:
        """First position whose event is to be had."""
        return self.contents.first

    @property
    def last(self) -> int:
        """Last one."""
        return self.contents.last

    @property
    def size(self) -> int:
        """Size of the tree."""
        return self.contents.size

    def note(self) -> str:
        """Return the signed checkpoint; raises CopyUnreadable."""
        return self._text("checkpoint")

    def read(self, level: int, index: int, width: int) -> bytes:
        """Return a tile; raises CopyUnreadable."""
        return self._bytes(Tile(level, index, width).path)

    def events(self, first: int, last: int) -> Sequence[StoredEvent | UnreadableEvent]:
        """Return the events at positions `first` to `last`, all of one tile; raises CopyUnreadable."""
        index = first // WIDTH
        place = Tile(0, index, tile_width(0, index, self.contents.size)).place
        entries = self._records(f"tile/entries/{place}", _ENTRY_LENGTH)
        sealed = self._records(f"sealed/{place}", _SEALED_LENGTH)
        if len(entries) != len(sealed):
            raise CopyUnreadable(f"tile {place} has {len(entries)} entries and {len(sealed)} payloads")
        return [
            stored_event(entry, payload, position)
            for position, (entry, payload) in enumerate(zip(entries, sealed, strict=True), start=index * WIDTH)
            if first <= position <= last
        ]

    def surplus(self) -> int | None:
        """Return None: a bundle has no head of its own, and no room for events behind its tiles."""
        return None

    def keys(self, identity: str) -> Mapping[str, bytes]:
        """Return the DEKs by key id; `identity` is the text of an age identity file.

        Raises CopyUnreadable, IdentityRefused.
        """
        return read_keys(decrypt_with(identity, self._bytes("keys.age")))

    def _records(self, path: str, length_bytes: int) -> list[bytes]:
        """Return the length-prefixed records of a file; CopyUnreadable when it ends in the middle of one."""
        content = self._bytes(path)
        records: list[bytes] = []
        at = 0
        while at < len(content):
            start = at + length_bytes
            at = start + int.from_bytes(content[at:start], "big")
            if start > len(content) or at > len(content):
                raise CopyUnreadable(f"{path}: it ends in the middle of record {len(records)}")
            records.append(content[start:at])
        return records

    def _text(self, path: str) -> str:
        try:
            return self._bytes(path).decode()
        except UnicodeDecodeError:
            raise CopyUnreadable(f"{path}: it is not text") from None

    def _bytes(self, path: str) -> bytes:
        try:
            return (self.folder / path).read_bytes()
        except OSError as error:
            raise CopyUnreadable(f"{path}: {error.strerror}") from None


def read_keys(opened: bytes) -> Mapping[str, bytes]:
    """Return the DEKs by key id from what an age file of keys held; raises CopyUnreadable, quoting nothing of it."""
    try:
        fields = parse_object(opened.decode(), "the keys")
        keys = {key_id: base64.b64decode(dek, validate=True) for key_id, dek in fields.items()}
    except (UnicodeDecodeError, binascii.Error, TypeError, ValueError):
        keys = {"": b""}
    if any(len(key) != KEY_BYTES for key in keys.values()):
        raise CopyUnreadable("the keys are not what a service exports")
    return keys


def parse_object(text: str, name: str) -> dict[str, Any]:
    """Return a JSON object without doubled fields; raises CopyUnreadable, which says `name` and quotes nothing."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a field stands twice")
        return dict(pairs)

    try:
        fields = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise CopyUnreadable(f"{name}: it is not the JSON it should be") from None
    if not isinstance(fields, dict):
        raise CopyUnreadable(f"{name}: it is not a JSON object")
    return fields


def entries_bytes(entries: Sequence[bytes]) -> bytes:
    """Return a tile of entries: `u16be length | entry` each (C2SP tlog-tiles)."""
    return _records_bytes(entries, _ENTRY_LENGTH)


def sealed_bytes(payloads: Sequence[bytes]) -> bytes:
    """Return a tile of sealed payloads: `u32be length | payload` each."""
    return _records_bytes(payloads, _SEALED_LENGTH)


def _records_bytes(records: Sequence[bytes], length_bytes: int) -> bytes:
    return b"".join(len(record).to_bytes(length_bytes, "big") + record for record in records)
