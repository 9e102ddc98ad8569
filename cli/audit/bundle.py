"""An auditor's copy of a log: a folder that needs no server to be checked (docs/formats.md, "Bundle").

`bundle.json`             {"format", "origin", "first", "last", "size"}: what the copy holds, which is checked
`checkpoint`              the signed tree head (C2SP tlog-checkpoint), with the witness's cosignature where there is one
`tile/<L>/<N>[.p/<W>]`    every tile of the tree (C2SP tlog-tiles)
`tile/entries/<N>[.p/W]`  the log entries of the range's tiles: `u16be length | entry`
`sealed/<N>[.p/<W>]`      their sealed payloads: `u32be length | payload`
`keys.age`                the range's DEKs, age-encrypted to the auditor: without the identity the bundle shows nothing
`destroyed/<position>.*`  the events behind the range that say which keys were destroyed: `.tlog-proof` (C2SP, of the
                          tree as it was when the copy was made), `.sealed` (the payload), `.age` (its DEK)
"""

import base64
import binascii
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cli.audit.entries import stored_event
from shared.crypto.age import IdentityRefused, decrypt_with
from shared.crypto.envelope import KEY_BYTES
from shared.eventstore.destructions import Destruction
from shared.eventstore.event_walk import UnreadableEvent
from shared.eventstore.model import StoredEvent
from shared.eventstore.tree_walk import CopyUnreadable
from shared.merkle.checkpoint import Checkpoint
from shared.merkle.tiles import WIDTH, Tile, TileInvalid, tile_width
from shared.merkle.tlog_proof import TlogProof, TlogProofInvalid

FORMAT = "tallystick-bundle/1"
DESTROYED = "destroyed"
POSITION = re.compile("0|[1-9][0-9]{0,18}")
_DESTRUCTION = re.compile(rf"{DESTROYED}/({POSITION.pattern})\.(?:tlog-proof|sealed|age)")
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
        end = index * WIDTH + tile_width(0, index, self.contents.size)
        events: list[StoredEvent | UnreadableEvent] = [
            stored_event(entry, payload, position)
            for position, (entry, payload) in enumerate(zip(entries, sealed, strict=True), start=index * WIDTH)
            if first <= position <= last
        ]
        # What stands behind the tile's end was smuggled in: it is handed on, to be named.
        events += [UnreadableEvent(end, "a record too many")] * (len(entries) > end - index * WIDTH)
        return events

    def contradictions(self, checkpoint: Checkpoint) -> Iterator[str]:
        """Yield where the description is not that of the checkpoint, and what lies in the folder uncalled for."""
        said = self.contents
        if said.origin != checkpoint.origin:
            yield f"bundle.json says that this is the log {said.origin}, the checkpoint that it is {checkpoint.origin}"
        if said.size != checkpoint.size:
            yield f"bundle.json says that the log has {said.size} events, the checkpoint says {checkpoint.size}"
        for path in foreign_files(self.folder, said):
            yield f"the file {path} is no part of a bundle: nothing in it was checked"

    def destructions(self) -> Iterator[Destruction]:
        """Yield the evidence of keys that were destroyed behind the range; raises CopyUnreadable."""
        for position in self._destroyed():
            path = f"{DESTROYED}/{position}"
            try:
                proof = TlogProof.from_text(self._text(f"{path}.tlog-proof"))
            except TlogProofInvalid as error:
                raise CopyUnreadable(f"{path}.tlog-proof: {error}") from None
            event = stored_event(proof.entry, self._bytes(f"{path}.sealed"), position)
            if isinstance(event, UnreadableEvent):
                raise CopyUnreadable(f"{path}.tlog-proof: {event.reason}")
            yield Destruction(event, proof)

    def surplus(self) -> int | None:
        """Return None: a bundle has no head of its own, and no room for events behind its tiles."""
        return None

    def keys(self, identity: str) -> Mapping[str, bytes]:
        """Return the DEKs by key id; `identity` is the text of an age identity file.

        Raises CopyUnreadable, IdentityRefused.
        """
        keys: dict[str, bytes] = {}
        for path in ("keys.age", *(f"{DESTROYED}/{position}.age" for position in self._destroyed())):
            try:
                keys |= read_keys(decrypt_with(identity, self._bytes(path)))
            except IdentityRefused as error:
                raise IdentityRefused(f"{path}: {error}") from None
        return keys

    def _destroyed(self) -> list[int]:
        """Return the positions of the destructions that are kept beside the range."""
        names = (path.name.removesuffix(".tlog-proof") for path in (self.folder / DESTROYED).glob("*.tlog-proof"))
        return sorted(int(name) for name in names if POSITION.fullmatch(name))

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


def foreign_files(folder: Path, contents: Contents) -> Iterator[str]:
    """Yield the files of a bundle's folder that its description does not call for, links and devices included."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files) + [name for name in folders if Path(parent, name).is_symlink()]:
            found = Path(parent, name)
            path = found.relative_to(folder).as_posix()
            if found.is_symlink() or not found.is_file() or not _belongs(path, contents):
                yield path


def _belongs(path: str, contents: Contents) -> bool:
    if path in ("bundle.json", "checkpoint", "keys.age"):
        return True
    if match := _DESTRUCTION.fullmatch(path):
        return int(match.group(1)) > contents.last
    entries = path.removeprefix("tile/entries/").removeprefix("sealed/")
    try:
        tile = Tile.from_path(path if entries == path else f"tile/0/{entries}")
    except TileInvalid:
        return False
    if tile.width != tile_width(tile.level, tile.index, contents.size):
        return False
    return entries == path or contents.first // WIDTH <= tile.index <= contents.last // WIDTH


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
