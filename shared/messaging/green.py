"""Green threads: patch the standard library, and prove that waiting for the database lets others run.

`psycopg[binary]` waits in C and would stop every other call of the process while one query runs. It is given another
wait (green_wait.py), and imported after `selectors` was made co-operative, through which it connects.
"""

import sys


def patch() -> None:
    """Make this process green; RuntimeError when psycopg was imported before and has already chosen how to connect."""
    if "psycopg" in sys.modules:
        raise RuntimeError("green.patch() comes before the first import of psycopg")
    import eventlet  # noqa: PLC0415 - importing this module must not make anything green
    from eventlet import debug  # noqa: PLC0415 - as above

    eventlet.monkey_patch()
    # The hub would print the text of errors, which may quote content, past the log and its redaction.
    debug.hub_exceptions(False)
    from psycopg import waiting  # noqa: PLC0415 - as above

    from shared.messaging import green_wait  # noqa: PLC0415 - as above

    waiting.wait = green_wait.wait


def off_the_hub(slow: object, *kinds: type) -> object:
    """Return a stand-in whose methods run in native threads, and those of what they return of these `kinds` too.

    A process that is not green has no calls that would wait meanwhile: there it is the very same.
    """
    from eventlet import patcher, tpool  # noqa: PLC0415 - importing this module must not make anything green

    if not patcher.is_monkey_patched("thread"):
        return slow
    return tpool.Proxy(slow, autowrap=kinds)


def assert_green() -> None:
    """Raise RuntimeError unless both the standard library and psycopg wait co-operatively in this process."""
    from eventlet import patcher  # noqa: PLC0415 - as above
    from psycopg import waiting  # noqa: PLC0415 - as above

    for module in ("os", "select", "socket", "thread", "time"):
        if not patcher.is_monkey_patched(module):
            raise RuntimeError(f"{module} is not green: call green.patch() first")
    if getattr(waiting.wait, "__module__", "") != "shared.messaging.green_wait":
        raise RuntimeError("psycopg would block every call of this process: call green.patch() first")
