"""Taking turns: calls of one process that want the next number of the same series go one after another.

What keeps numbers gapless is the expected version in the append, over any number of processes. Turns only save work:
a document that was drawn with a number which somebody else took meanwhile must be drawn again, and the more callers
there are, the more of them draw in vain.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_LOCKS = 64
_PATIENCE_SECONDS = 5.0


class Turns:
    """A fixed number of locks, shared out over all series: two that share one wait for each other now and then."""

    def __init__(self) -> None:
        self._locks = [Lock() for _ in range(_LOCKS)]

    @contextmanager
    def of(self, series: str) -> Iterator[None]:
        """Wait for the turn, and go ahead without it after five seconds: then the append decides who was first."""
        lock = self._locks[hash(series) % _LOCKS]
        ours = lock.acquire(timeout=_PATIENCE_SECONDS)
        try:
            yield
        finally:
            if ours:
                lock.release()
