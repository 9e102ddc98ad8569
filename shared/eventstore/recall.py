"""Recall: what a process remembers of the logs that it read and wrote, so that it need not ask for it again.

A command may be decided on what is remembered, because its append says at which version every stream must be that was
looked at: what is not so any more is refused, and decided again on what the log says. It is remembered as it is at
rest, sealed, and opened each time: a key that is gone has gone from here too.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.eventstore.model import SealedEvent, StoredEvent

Place = tuple[int, SealedEvent]
"""An event and its position."""

_MOST_STREAMS, _MOST_EVENTS, _MOST_BYTES = 4096, 64, 64 * 1024
"""Streams that are remembered at most; events and sealed bytes of one, above which only its version is."""
_DISPUTED_SECONDS = 1.0
"""For which a stream is not remembered that somebody else wrote to: they will do so again soon."""


@dataclass(frozen=True, slots=True)
class _Stream:
    version: int
    events: tuple[Place, ...] | None
    """None: only the version is known."""
    disputed_until: float = 0.0

    @property
    def tells(self) -> tuple[int, bool]:
        """How much it says, for comparison with what else is known of the same stream."""
        return self.version, self.events is not None


class Recall:
    """Remembers streams by tenant and name; those that were not asked for the longest are forgotten first."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` counts seconds."""
        self._now = now
        self._lock = threading.Lock()
        self._streams: OrderedDict[tuple[str, str], _Stream] = OrderedDict()

    def events(self, tenant: str, streams: Collection[str]) -> dict[str, tuple[Place, ...]] | None:
        """Return the events of these streams by version; None unless all are remembered."""
        with self._lock:
            known = {stream: self._known(tenant, stream) for stream in streams}
        found = {stream: each.events for stream, each in known.items() if each is not None and each.events is not None}
        return found if len(found) == len(known) else None

    def versions(self, tenant: str, streams: Collection[str]) -> dict[str, int] | None:
        """Return how many events these streams have; None unless all are remembered."""
        with self._lock:
            known = {stream: self._known(tenant, stream) for stream in streams}
        found = {stream: each.version for stream, each in known.items() if each is not None}
        return found if len(found) == len(known) else None

    def was_read(
        self, tenant: str, streams: Mapping[str, Sequence[StoredEvent]], versions: Mapping[str, int] | None = None
    ) -> None:
        """Remember whole streams that were read, and versions of others."""
        read = {stream: _Stream(len(events), _held(_places(events))) for stream, events in streams.items()}
        counted = {stream: _Stream(version, None) for stream, version in (versions or {}).items()}
        with self._lock:
            for stream, each in {**counted, **read}.items():
                self._remember(tenant, stream, each)

    def was_appended(self, tenant: str, events: Sequence[SealedEvent], first: int, expected: Mapping[str, int]) -> None:
        """Remember what an append wrote, and the versions that it found to be as expected; `first`: its position."""
        written: dict[str, list[Place]] = {stream: [] for stream in expected}
        for place in enumerate(events, start=first):
            written[place[1].stream].append(place)
        with self._lock:
            for stream, version in expected.items():
                before: tuple[Place, ...] | None = ()
                if version:
                    known = self._known(tenant, stream)
                    before = known.events if known is not None and known.version == version else None
                now = None if before is None else _held((*before, *written[stream]))
                self._remember(tenant, stream, _Stream(version + len(written[stream]), now))

    def was_disputed(self, tenant: str, stream: str) -> None:
        """Forget a stream that turned out to be longer than remembered, and do not remember it for a while."""
        with self._lock:
            self._streams.pop((tenant, stream), None)
            self._remember(tenant, stream, _Stream(-1, None, self._now() + _DISPUTED_SECONDS))

    def _known(self, tenant: str, stream: str) -> _Stream | None:
        known = self._streams.get((tenant, stream))
        if known is None or known.disputed_until:
            return None
        self._streams.move_to_end((tenant, stream))
        return known

    def _remember(self, tenant: str, stream: str, what: _Stream) -> None:
        known = self._streams.get((tenant, stream))
        # What was read may be older by now than what was written since, and a version says less than events.
        if known is not None and (known.disputed_until > self._now() or known.tells > what.tells):
            return
        self._streams[tenant, stream] = what
        self._streams.move_to_end((tenant, stream))
        if len(self._streams) > _MOST_STREAMS:
            self._streams.popitem(last=False)


def _places(events: Iterable[StoredEvent]) -> tuple[Place, ...]:
    return tuple((event.position, event) for event in events)


def _held(events: tuple[Place, ...]) -> tuple[Place, ...] | None:
    """Return the events unless they are too many or too much to be held."""
    fits = len(events) <= _MOST_EVENTS and sum(len(event.sealed) for _, event in events) <= _MOST_BYTES
    return events if fits else None
