"""What was taken away since tokens were made: every service hears of it from auth within two seconds.

A token lives for five minutes and is checked without asking anybody. So that taking something away does not wait for
its end, each service asks auth once a second for the recent revocations, and refuses the tokens that they concern: by
position in auth's log, so that a token made after the revocation is good at once, whatever the clocks say.

Not hearing is no news either: a service that has not heard for ten seconds refuses every person's token, because it
cannot know. Ten seconds bear a restart of auth; two are kept in the ordinary case.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import psycopg
import structlog

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.revocations import RecentRevocations, Revoked, Subject

LOOK = 1.0
"""Seconds from one look to the next."""
DEAF_AFTER = 10.0
"""Seconds after which a service that has heard nothing refuses persons' tokens."""
_FIRST_ANSWER = DEAF_AFTER
"""Seconds that a call waits for the first answer after the start; a machine that starts is busy."""
_CALL_TIMEOUT = 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a person's token says about whom it concerns."""

    tenant: str
    session: str
    user: str
    role: str
    position: int
    """Size of the tenant's log in auth when the token's content was looked up."""


class RevocationCheck(Protocol):
    """Whether a token that is alive still counts."""

    def require_standing(self, bearer: Bearer) -> None:
        """Return when it does; PublicError token_revoked, or service_unavailable when that cannot be known."""
        ...

    def follow(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Keep hearing, until `stop()`."""
        ...


class NothingRevoked:
    """For a service that is tested without auth: every token counts until it expires."""

    def require_standing(self, bearer: Bearer) -> None:
        """Return."""

    def follow(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Do nothing, until `stop()`."""
        while not stop():
            pause(LOOK)


Ask = Callable[[Subject | None], RecentRevocations]
"""Returns the page after a subject (None: the first one) of what was revoked lately and recorded before the first."""


class Revocations:
    """The recent revocations as this process last heard them."""

    def __init__(self, ask: Ask, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`ask` may raise PublicError.

        `monotonic` counts seconds.
        """
        self._ask, self._monotonic = ask, monotonic
        self._positions: Mapping[tuple[str, str, str], int] = {}
        self._undecided: frozenset[str] = frozenset()
        self._heard_at: float | None = None
        self._heard = threading.Event()

    def follow(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Look once a second, until `stop()`. Survives that auth, the broker or the database is away."""
        deaf = False
        while not stop():
            try:
                self.look()
            except (PublicError, psycopg.OperationalError) as error:
                if not deaf:
                    _log.warning("revocations_not_heard", reason=type(error).__name__)
                deaf = True
            else:
                deaf = False
            pause(LOOK)

    def look(self) -> None:
        """Ask once, page by page. What no page names any more is older than any token that is alive.

        A revocation that is recorded meanwhile may be on no page: it was not there when this was asked, and the next
        look finds it. What an earlier look heard holds until the last page has come.
        """
        asked_at = self._monotonic()
        revoked, undecided = list[Revoked](), list[str]()
        page = self._ask(None)
        while True:
            revoked += page.revoked
            undecided += page.undecided
            if page.next is None:
                break
            page = self._ask(page.next)
        self._positions = {(each.tenant, each.kind, each.subject): each.position for each in revoked}
        self._undecided = frozenset(undecided)
        self._heard_at = asked_at
        self._heard.set()

    def require_standing(self, bearer: Bearer) -> None:
        """Return when nothing revoked this token; PublicError token_revoked, service_unavailable."""
        self._require_hearing(bearer.tenant)
        concerned = (
            ("session", bearer.session),
            ("user", bearer.user),
            ("role", bearer.role),
            ("tenant", bearer.tenant),
        )
        if any(self._positions.get((bearer.tenant, *subject), -1) >= bearer.position for subject in concerned):
            raise PublicError(ErrorCode.TOKEN_REVOKED, "What this token says is no longer so: refresh the session.")

    def _require_hearing(self, tenant: str) -> None:
        # A call that comes right after the start waits a moment instead of being refused.
        self._heard.wait(_FIRST_ANSWER)
        deaf = self._heard_at is None or self._monotonic() - self._heard_at > DEAF_AFTER
        if deaf or tenant in self._undecided:
            raise PublicError(
                ErrorCode.SERVICE_UNAVAILABLE, "Whether your token still counts cannot be asked now: try again."
            )


class Asking(Protocol):
    """Calls in the name of this service: `ServiceCaller`."""

    def call(self, service: str, method: str, request: dict[str, Any], *, timeout: float = ...) -> dict[str, Any]:
        """Call and return the reply; PublicError when there is none."""
        ...


def heard_from_auth(caller: Asking) -> Revocations:
    """Return the revocations as auth tells them over the bus."""

    def ask(after: Subject | None) -> RecentRevocations:
        asked = {} if after is None else {"after": asdict(after)}
        return RecentRevocations.from_body(caller.call("auth", "revocations", asked, timeout=_CALL_TIMEOUT))

    return Revocations(ask)
