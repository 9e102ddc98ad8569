"""Four eyes: what one person asks for takes effect when another one, who was shown exactly that, agrees to it.

The second person sends the digest of what they saw, computed where it was shown. A request that is not that very one,
or that stands for something else by now, does not have this digest: nobody agrees to what they did not see.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.errors import ErrorCode, PublicError

APPROVAL_LIFETIME = timedelta(days=7)
"""How long a request waits. Who did not ask for it any more should not find it approved long afterwards."""


def digest_of(shown: Mapping[str, object]) -> str:
    """Return the SHA-256 of what is shown, in lower-case hex: of its JSON with sorted names, no spaces, in UTF-8."""
    canonical = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode("utf-8", errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Approvable:
    """A request that waits for a second person."""

    request_id: str
    requested_by: str
    """User id."""
    expires_at: datetime
    shown: Mapping[str, object]
    """Everything that the second person is shown, as JSON values, these three among it."""

    def is_over(self, now: datetime) -> bool:
        """Tell whether it waited too long."""
        return now >= self.expires_at

    def require_second_person(self, digest: str, approver: str, now: datetime) -> None:
        """Return when this person may agree to what they saw.

        Raises PublicError second_person_needed for who asked, in whatever session and under whatever role: a person is
        their user id, which a new invitation to a known address does not change; approval_expired; approval_differs.
        """
        if approver == self.requested_by:
            raise PublicError(ErrorCode.SECOND_PERSON_NEEDED, "Another person has to approve this.")
        if self.is_over(now):
            raise PublicError(ErrorCode.APPROVAL_EXPIRED, "The request waited too long: it has to be made again.")
        if not hmac.compare_digest(digest_of(self.shown), digest):
            raise PublicError(ErrorCode.APPROVAL_DIFFERS, "What is to be approved is not what was shown: look again.")


def require_requested(waiting: Approvable | None, request_id: str) -> Approvable:
    """Return the request that waits, if it is this one; PublicError approval_unknown otherwise."""
    if waiting is None or waiting.request_id != request_id:
        raise PublicError(ErrorCode.APPROVAL_UNKNOWN, "There is no such request, or a newer one took its place.")
    return waiting
