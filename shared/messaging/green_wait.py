"""How a green process waits for its database: what psycopg's `waiting.wait` does, through eventlet's hub.

`psycopg[binary]` waits in C, which would stop every other call of the process. Its wait in Python, over a green
`selectors`, lets others run, but makes a selector for each wait, and in a pipeline goes through the hub for every
statement that it sends. Here a socket that can be written to, which is nearly always, is written to at once; only
waiting for an answer goes through the hub.

Import it in a process that is green already: `green.patch()` does.
"""

import os
from time import monotonic

from eventlet import hubs, patcher
from eventlet.green import select as green_select
from psycopg import errors
from psycopg.abc import RV, PQGen
from psycopg.waiting import Ready, Wait

_select = patcher.original("select")


class _Elapsed(BaseException):
    """The pause is over; of our own, because eventlet's Timeout may be one of a caller further out."""


def wait(gen: PQGen[RV], fileno: int, interval: float = 0.0, timeout: float | None = None) -> RV:
    """Resume psycopg's generator `gen` whenever its socket is ready, until it returns, and return that.

    In seconds: after `interval` it is resumed also when nothing is ready; after `timeout`, raise psycopg's
    `_WaitTimeout`. Raises OperationalError when the socket was closed.
    """
    deadline = None if timeout is None else monotonic() + timeout
    try:
        wanted = next(gen)
        while True:
            left = interval if deadline is None else max(0.0, min(interval, deadline - monotonic()))
            wanted = gen.send(_ready(fileno, wanted, left))
            if deadline is not None and monotonic() >= deadline:
                raise errors._WaitTimeout("wait timeout expired")  # noqa: SLF001 - what psycopg's own raises
    except StopIteration as ended:
        result: RV = ended.value
        return result
    except OSError:
        raise errors.OperationalError("connection socket closed") from None


def _ready(fileno: int, wanted: Wait, seconds: float) -> Ready:
    """Return what a socket is ready for, after waiting for at most so long: for nothing, when that was too short."""
    if wanted == Wait.R:
        # Always through the hub, ready or not: a long answer must not keep the process to itself.
        try:
            hubs.trampoline(fileno, read=True, timeout=seconds, timeout_exc=_Elapsed)
        except _Elapsed:
            os.fstat(fileno)  # raises OSError for a socket that was closed meanwhile
            return Ready.NONE
        return Ready.R
    if ready := _at_once(fileno):
        return ready
    read, write, _ = green_select.select([fileno], [fileno], [], seconds)
    return _as_ready(read=bool(read), write=bool(write))


def _at_once(fileno: int) -> Ready:
    look = _select.poll()
    look.register(fileno, _select.POLLIN | _select.POLLOUT)
    found = look.poll(0)
    # Anything but that it can be written to is to be read: an answer, an end, an error.
    return _as_ready(
        read=any(at & ~_select.POLLOUT for _, at in found), write=any(at & _select.POLLOUT for _, at in found)
    )


def _as_ready(*, read: bool, write: bool) -> Ready:
    return Ready((Ready.R if read else 0) | (Ready.W if write else 0))
