"""Deciding again when somebody else was quicker."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import retry, retry_if_exception_type, stop_after_attempt

from shared.eventstore.store import VersionConflict

Loaded = TypeVar("Loaded")
Decided = TypeVar("Decided")

# Somebody else changed the stream between load and append: load again, decide again.
deciding_again = retry(retry=retry_if_exception_type(VersionConflict), stop=stop_after_attempt(8), reraise=True)


def decided(loaded: Loaded, load: Callable[[], Loaded], decide: Callable[[Loaded], Decided]) -> Decided:
    """Decide on what is loaded already and, when somebody else was quicker, on what is loaded again.

    What was loaded before something else was done is as good as what is loaded now: the append says at which versions
    its streams must be.
    """
    try:
        return decide(loaded)
    except VersionConflict:
        return deciding_again(lambda: decide(load()))()
