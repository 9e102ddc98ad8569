"""How failures slow down whoever makes them: growing delays, then a lock.

What counts is every failure of any factor of an account (password, code, recovery code, passkey; at the login, for a
step-up, before a change) since somebody last showed both. Addresses that nobody has are counted the same way, so that
neither a delay nor a lock tells who has an account.

An attempt is counted before it is judged and taken back when it was good: so however many come at once, no more are
judged than the count allows. NIST SP 800-63B-4 3.2.2 allows a hundred failures in a row; this is five times as strict.
Guessing six digits with the right password in hand has 20 tries a day, each with two open steps: a chance of 1 in 70 a
year, and the owner sees a lock a day. Who wants to keep somebody out can do so by failing on purpose: an owner lifts
the lock (`unlock_user`), the operator's way past it is the break-glass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from shared.contracts.errors import ErrorCode, PublicError

FREE_FAILURES = 3
"""Failures in a row that cost an account no delay."""
LONGEST_DELAY = timedelta(minutes=15)
LOCK_AFTER = 20
"""Failures in a row that lock an account."""
LOCK_LIFETIME = timedelta(hours=24)
"""How long a lock stands when nobody lifts it, and after how long without a failure the count begins anew."""

FREE_SOURCE_FAILURES = 30
"""Failures that cost a source no delay: an office shares one. Who names no source shares one with all who do not."""
LONGEST_SOURCE_DELAY = timedelta(minutes=1)
"""Short, because a source is what the caller says it is: it must not serve to keep others out."""
SOURCE_MEMORY = timedelta(hours=1)


def _doubling(free: int, longest: timedelta, count: int) -> list[timedelta]:
    return [
        timedelta() if failures <= free else min(timedelta(seconds=2 ** (failures - free - 1)), longest)
        for failures in range(1, count + 1)
    ]


ACCOUNT_DELAYS: Sequence[timedelta] = (*_doubling(FREE_FAILURES, LONGEST_DELAY, LOCK_AFTER - 1), LOCK_LIFETIME)
"""How long an account is closed after its first failure in a row, its second, ...; the last one is the lock."""
SOURCE_DELAYS: Sequence[timedelta] = tuple(_doubling(FREE_SOURCE_FAILURES, LONGEST_SOURCE_DELAY, 40))
"""The same for a source; after more failures than are listed the last one stays."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that is counted as a failure until it turns out otherwise."""

    account: bytes
    source: bytes
    """Keyed hashes under which the counts are kept."""
    failures: int
    """Of the account in a row, with this one."""
    source_failures: int

    @property
    def locks(self) -> bool:
        """Whether the account is locked if this one fails."""
        return self.failures == LOCK_AFTER


@dataclass(frozen=True, slots=True)
class Closed:
    """No attempt is judged before this moment."""

    opens_at: datetime


def too_many_attempts(closed: Closed, now: datetime) -> PublicError:
    """Return the one answer to an account, known or not, that is closed; `retry_after` is in seconds, at least 1."""
    seconds = max(1, ceil((closed.opens_at - now).total_seconds()))
    return PublicError(
        ErrorCode.TOO_MANY_ATTEMPTS, "there were too many failures: wait before trying again", {"retry_after": seconds}
    )
