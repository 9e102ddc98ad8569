"""Deciding again when somebody else was quicker."""

from tenacity import retry, retry_if_exception_type, stop_after_attempt

from shared.eventstore.store import VersionConflict

# Somebody else changed the stream between load and append: load again, decide again.
deciding_again = retry(retry=retry_if_exception_type(VersionConflict), stop=stop_after_attempt(8), reraise=True)
