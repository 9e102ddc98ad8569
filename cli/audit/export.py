"""Take a copy of a log home: tile by tile over the bus into a bundle. May be interrupted and run again."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from cli.audit.bundle import Bundle, Contents, entries_bytes, sealed_bytes
from cli.audit.live import LiveLog, Query
from cli.audit.moments import Moment
from shared.eventstore.entry import log_entry
from shared.eventstore.model import StoredEvent
from shared.eventstore.store import EntryRefused
from shared.merkle.tiles import WIDTH, Tile, tile_width, tiles_of


class ExportRefused(Exception):
    """The copy cannot be made or continued; the message says why."""


def begin(query: Query, folder: Path, note: str, first: Moment | None, last: Moment | None) -> LiveLog:
    """Decide what a new copy in `folder` is to hold, or return what an interrupted one there was begun for.

    `note` is the signed checkpoint to copy up to; `first` and `last` the ends of the range, both included. Raises
    ExportRefused, CopyUnreadable, PublicError.
    """
    if folder.exists():
        raise ExportRefused(f"{folder} exists already; name a new folder")
    part = part_of(folder)
    if part.exists():
        return _begun(query, part, LiveLog(query, note).checkpoint.origin)
    log = LiveLog(query, note)
    start = 0 if first is None else _position(log, first, before=True)
    end = log.size - 1 if last is None else min(_position(log, last, before=False), log.size - 1)
    if start > end and log.size > 0:
        raise ExportRefused("there is no event in this range")
    part.mkdir(parents=True, mode=0o700)
    _write(part / "checkpoint", note.encode())
    contents = Contents(log.checkpoint.origin, start, end, log.size)
    _write(part / "bundle.json", contents.to_json().encode())
    return LiveLog(query, note, start, end)


def export(log: LiveLog, recipient: str, folder: Path, progress: Callable[[int], None]) -> Bundle:
    """Write what is not written yet, the keys encrypted to `recipient`, and give the folder its name.

    `progress` is called with how many of `files_of(log)` there are. The folder appears under its name only when it is
    whole. Raises ExportRefused, CopyUnreadable, PublicError.
    """
    part = part_of(folder)
    done = 0
    for tile in tiles_of(log.size):
        if not (part / tile.path).exists():
            _write(part / tile.path, log.read(tile.level, tile.index, tile.width))
        done += 1
        progress(done)
    for index in _range_tiles(log):
        _export_events(log, part, index)
        done += 1
        progress(done)
    _write(part / "keys.age", log.sealed_keys(recipient))
    part.rename(folder)
    return Bundle(folder)


def files_of(log: LiveLog) -> int:
    """Return how many steps `export` has."""
    return sum(1 for _ in tiles_of(log.size)) + len(_range_tiles(log))


def part_of(folder: Path) -> Path:
    """Return where a copy is until it is whole."""
    return folder.with_name(folder.name + ".part")


def _begun(query: Query, part: Path, origin: str) -> LiveLog:
    bundle = Bundle(part)
    if not (part / "bundle.json").exists():
        # Killed before anything was decided.
        shutil.rmtree(part)
        raise ExportRefused(f"{part} was begun and held nothing; it is deleted, run this again")
    if bundle.contents.origin != origin:
        raise ExportRefused(f"{part} was begun for another log, {bundle.contents.origin}; delete it to begin anew")
    return LiveLog(query, bundle.note(), bundle.first, bundle.last)


def _range_tiles(log: LiveLog) -> range:
    return range(log.first // WIDTH, log.last // WIDTH + 1) if log.size else range(0)


def _export_events(log: LiveLog, part: Path, index: int) -> None:
    """Write the entries and the payloads of one tile, whole: also of its events beside the range."""
    place = Tile(0, index, width := tile_width(0, index, log.size)).place
    entries, sealed = part / "tile" / "entries" / place, part / "sealed" / place
    if entries.exists() and sealed.exists():
        return
    first = index * WIDTH
    events = log.events(first, first + width - 1)
    try:
        rows = [(log_entry(event), event.sealed) for event in events if isinstance(event, StoredEvent)]
    except EntryRefused as error:
        raise ExportRefused(f"at position {first} or behind is an event without a log entry: {error}") from None
    if len(rows) != width:
        raise ExportRefused(f"the log has {len(rows)} events at positions {first} to {first + width - 1}, not {width}")
    _write(entries, entries_bytes([entry for entry, _ in rows]))
    _write(sealed, sealed_bytes([payload for _, payload in rows]))


def _position(log: LiveLog, moment: Moment, *, before: bool) -> int:
    """Return the first position at or after an instant (`before`), or the last one at or before it, by halving.

    Where a clock was set back, moments are not in the order of positions, and an end of the range may lie some events
    off; which positions a copy holds stands in its `bundle.json`.
    """
    if moment.position is not None:
        return moment.position
    instant, low, high = str(moment.instant), 0, log.size
    while low < high:
        middle = (low + high) // 2
        at = next(event.at for event in log.events(middle, middle) if isinstance(event, StoredEvent))
        if at < instant or (at == instant and not before):
            low = middle + 1
        else:
            high = middle
    return low if before else low - 1


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
