"""What verifying one event is made of: the processor time of each step by itself, over events in memory."""

import time
from collections.abc import Callable, Sequence
from hashlib import sha256

from shared.crypto.envelope import Opener
from shared.eventstore.entry import check_entry, entry_and_aad
from shared.eventstore.model import StoredEvent, recorded
from shared.eventstore.payload import decode_content
from shared.eventstore.stream_versions import StreamVersions
from shared.merkle.tiles import WIDTH, tile_root
from shared.merkle.tree import leaf_hash
from tests.bench.growth import fill
from tests.bench.history import History, access_to
from tests.bench.part import Bench, Ratios, Raw

EVENTS = 2 * WIDTH
_REPEATED = 50


def pieces(bench: Bench) -> tuple[Ratios, Raw]:
    """Each step of verification and replay, the best of many passes: evidence for where the time goes."""
    database = bench.server.service_database()
    history = access_to(database).history(database.pool()).open_for_business()
    fill(bench, history, EVENTS)
    steps = _steps(history)
    bench.said(f"{len(steps)} steps, {_REPEATED} passes each")
    took = {name: _microseconds(step) for name, step in steps.items()}
    bench.server.databases.drop(database)
    return {}, {"µs of processor time": took}


def _steps(history: History) -> dict[str, Callable[[], object]]:
    """Return the steps by name; each goes over all events."""
    events = list(history.store.read_log(history.tenant))
    texts = [entry_and_aad(event) for event in events]
    opener = Opener(history.keyring.dek(history.tenant, events[0].key))
    opened = [opener.open(event.sealed, aad) for event, (_, aad) in zip(events, texts, strict=True)]
    contents = [decode_content(content) for content in opened]
    tiles = [b"".join(event.leaf_hash for event in page) for page in (events[:WIDTH], events[WIDTH:])]
    return {
        "row from the server to an event": lambda: sum(1 for _ in history.store.read_log(history.tenant)),
        "entry checked": lambda: _checked(events),
        "SHA-256 of the sealed payload": lambda: [sha256(event.sealed).hexdigest() for event in events],
        "entry and associated data, both above included": lambda: [entry_and_aad(event) for event in events],
        "leaf hash": lambda: [leaf_hash(entry) for entry, _ in texts],
        "tree": lambda: [tile_root(tile) for tile in tiles],
        "version of the stream": lambda: _versions(events),
        "opened: HMAC-SHA-512, AES-256-GCM": lambda: [
            opener.open(event.sealed, aad) for event, (_, aad) in zip(events, texts, strict=True)
        ],
        "JSON read and checked": lambda: [decode_content(content) for content in opened],
        "event for its readers": lambda: [
            recorded(event, event.position, *content) for event, content in zip(events, contents, strict=True)
        ],
    }


def _checked(events: Sequence[StoredEvent]) -> None:
    for event in events:
        check_entry(event)


def _versions(events: Sequence[StoredEvent]) -> None:
    versions = StreamVersions(from_the_start=True)
    for event in events:
        versions.step(event.stream, event.version)


def _microseconds(step: Callable[[], object]) -> float:
    """Return the least processor time per event, in microseconds."""
    took = []
    for _ in range(_REPEATED):
        begun = time.process_time()
        step()
        took.append(time.process_time() - begun)
    return round(min(took) / EVENTS * 1e6, 2)
