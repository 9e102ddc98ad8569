"""Take a copy of a log home: tile by tile over the bus into a bundle. May be interrupted and run again."""

import os
from collections.abc import Callable
from pathlib import Path

from cli.audit.bundle import DESTROYED, Bundle, Contents, entries_bytes, sealed_bytes
from cli.audit.live import LiveLog, Query
from cli.audit.moments import Moment
from shared.eventstore.entry import log_entry
from shared.eventstore.model import StoredEvent
from shared.eventstore.store import EntryRefused
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from shared.merkle.tiles import WIDTH, Tile, tile_width, tiles_of


class ExportRefused(Exception):
    """The copy cannot be made or continued; the message says why."""


def begin(query: Query, folder: Path, note: str, first: Moment | None, last: Moment | None) -> LiveLog:
    """Decide what a new copy in `folder` is to hold, or return what an interrupted one there was begun for.

    `note` is the signed checkpoint to copy up to; `first` and `last` the ends of the range, both included. Nothing that
    is already there is ever deleted. Raises ExportRefused, CopyUnreadable, PublicError, OSError.
    """
    if folder.name in ("", ".."):
        raise ExportRefused("name the new folder")
    if folder.exists():
        raise ExportRefused(f"{folder} exists already; name a new folder")
    part, log = part_of(folder), LiveLog(query, note)
    if _is_begun(part):
        return _begun(query, part, log.checkpoint.origin, first, last)
    start, end = _range(log, first, last)
    part.mkdir(parents=True, mode=0o700, exist_ok=True)
    _write(part / "checkpoint", note.encode())
    contents = Contents(log.checkpoint.origin, start, end, log.size)
    _write(part / "bundle.json", contents.to_json().encode())
    return LiveLog(query, note, start, end)


def export(log: LiveLog, recipient: str, folder: Path, progress: Callable[[int], None]) -> Bundle:
    """Write what is not written yet, the keys encrypted to `recipient`, and give the folder its name.

    `progress` is called with how many of `files_of(log)` there are. The folder appears under its name only when it is
    whole. Raises ExportRefused, CopyUnreadable, PublicError, OSError.
    """
    part = part_of(folder)
    done = kept = 0
    for tile in tiles_of(log.size):
        if (part / tile.path).exists():
            kept += 1
        else:
            _write(part / tile.path, log.read(tile.level, tile.index, tile.width))
        done += 1
        progress(done)
    for index in _range_tiles(log):
        kept += not _export_events(log, part, index)
        done += 1
        progress(done)
    _export_keys(log, recipient, part)
    if kept:
        _require_sound(Bundle(part))
    part.rename(folder)
    return Bundle(folder)


def _export_keys(log: LiveLog, recipient: str, part: Path) -> None:
    """Write the keys, then the evidence of those destroyed behind the range.

    In this order: an event says that a key is destroyed before it is, so whatever is missing from the keys is explained
    in the range or behind it.
    """
    _write(part / "keys.age", log.sealed_keys(recipient))
    destructions = list(log.later_destructions())
    sealed = log.sealed_keys_of(recipient, [each.event.position for each in destructions])
    for destruction in destructions:
        position = destruction.event.position
        base = part / DESTROYED / str(position)
        _write(base.with_suffix(".age"), sealed[position])
        _write(base.with_suffix(".sealed"), destruction.event.sealed)
        _write(base.with_suffix(".tlog-proof"), destruction.proof.to_text().encode())


def _require_sound(bundle: Bundle) -> None:
    """Check what an interrupted copy was made of: it lay about meanwhile, and nothing was asked for again.

    A copy that is made in one go is not checked here: the log itself may be wrong, and then the copy is evidence.
    """
    checked = verify_log(bundle, Trust())
    if checked.ok:
        return
    fault = checked.faults[0]
    raise ExportRefused(
        f"{bundle.folder} is complete and does not verify ({fault.kind}: {fault.reason}): what was there was changed,"
        " or the log itself is wrong; delete it, or export into another folder, to know which"
    )


def files_of(log: LiveLog) -> int:
    """Return how many steps `export` has."""
    return sum(1 for _ in tiles_of(log.size)) + len(_range_tiles(log))


def part_of(folder: Path) -> Path:
    """Return where a copy is until it is whole."""
    return folder.with_name(folder.name + ".part")


def _is_begun(part: Path) -> bool:
    """Tell whether an interrupted copy is to be continued; raises ExportRefused for what this program did not leave."""
    if not part.is_symlink() and not part.exists():
        return False
    if part.is_symlink() or not part.is_dir():
        raise ExportRefused(f"{part} is in the way and not a folder that an export left; move it away")
    if not any(part.iterdir()):
        return False
    missing = [name for name in ("bundle.json", "checkpoint") if not (part / name).is_file()]
    if missing:
        raise ExportRefused(
            f"{part} is in the way: it has no {' and no '.join(missing)}, so no export can be continued there; move it"
            " away, or delete it if it is what an interrupted export left"
        )
    return True


def _begun(query: Query, part: Path, origin: str, first: Moment | None, last: Moment | None) -> LiveLog:
    """Return what an interrupted copy was begun for; raises ExportRefused when something else is asked for now."""
    bundle = Bundle(part)
    if bundle.contents.origin != origin:
        raise ExportRefused(f"{part} was begun for another log, {bundle.contents.origin}; delete it to begin anew")
    log = LiveLog(query, bundle.note(), bundle.first, bundle.last)
    if bundle.size != log.size:
        raise ExportRefused(f"{part} is damaged: bundle.json and checkpoint do not belong together; delete it")
    start, end = _range(log, first, last)
    if (start, end) != (bundle.first, bundle.last):
        raise ExportRefused(
            f"{part} was begun for positions {bundle.first} to {bundle.last} of a log of {bundle.size} events, and now"
            f" {start} to {end} are asked for; ask for the same again, or delete it to begin anew"
        )
    return log


def _range(log: LiveLog, first: Moment | None, last: Moment | None) -> tuple[int, int]:
    """Return the ends of the range, both included; raises ExportRefused when there is no event in it."""
    start = 0 if first is None else _position(log, first, before=True)
    end = log.size - 1 if last is None else min(_position(log, last, before=False), log.size - 1)
    if start > end and log.size > 0:
        raise ExportRefused("there is no event in this range")
    return start, end


def _range_tiles(log: LiveLog) -> range:
    return range(log.first // WIDTH, log.last // WIDTH + 1) if log.size else range(0)


def _export_events(log: LiveLog, part: Path, index: int) -> bool:
    """Write the entries and the payloads of one tile, whole: also of its events beside the range; False: both there."""
    place = Tile(0, index, width := tile_width(0, index, log.size)).place
    entries, sealed = part / "tile" / "entries" / place, part / "sealed" / place
    if entries.exists() and sealed.exists():
        return False
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
    return True


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
