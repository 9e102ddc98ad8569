"""Processes that measure by themselves: new programs, not copies of this one."""

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool
from multiprocessing.synchronize import Barrier

PATIENCE = 120.0
"""Seconds to wait for them at most."""

_fresh = multiprocessing.get_context("spawn")
_start: Barrier


@contextmanager
def processes(count: int) -> Iterator[Pool]:
    """Run a pool of `count` processes; they end with the block. Ctrl-C is for us alone: we end them."""
    start = _fresh.Barrier(count)
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what a new program finds ignored stays so
    try:
        pool = _fresh.Pool(count, initializer=_meet_at, initargs=(start,))
    finally:
        signal.signal(signal.SIGINT, ours)
    with pool:
        yield pool


def meet() -> None:
    """Wait, inside a process of the pool, until all of them have come this far."""
    _start.wait(PATIENCE)


def _meet_at(barrier: Barrier) -> None:
    global _start  # noqa: PLW0603 - how multiprocessing hands a barrier to the processes of a pool
    _start = barrier
