"""Deciding again: somebody else changed a stream between load and append, so load again and decide again."""

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from shared.eventstore.store import VersionConflict

# Many may issue in one series at once; the random wait lets them pass one another.
deciding_again = retry(
    retry=retry_if_exception_type(VersionConflict),
    stop=stop_after_attempt(30),
    wait=wait_random(0, 0.05),
    reraise=True,
)
