"""The login: begun by the right password, succeeded by an accepted code, and only then worth a session.

Every attempt is a stream of its own, so attempts never wait for each other and a user's own history stays short.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.auth.domain.code import CODE_LIMIT, CodeCheck, CodeOutcome
from services.auth.domain.events import (
    AuthEvent,
    LoginBegun,
    LoginCodeRefused,
    LoginEvent,
    LoginRefused,
    LoginSucceeded,
)
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused
from services.auth.domain.user import User, UserState
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.clock import from_rfc3339, to_rfc3339

CHALLENGE_LIFETIME = timedelta(minutes=5)
FACTORS = ("pwd", "otp")
"""RFC 8176 names of what a succeeded login has shown: something known and something held."""


class LoginState(StrEnum):
    """How far a login has come."""

    REFUSED = "refused"
    BEGUN = "begun"
    SUCCEEDED = "succeeded"


class RefusalReason(StrEnum):
    """Why address and password opened nothing; recorded for the auditor, never told to the caller."""

    UNKNOWN_ADDRESS = "unknown_address"
    NOT_ACTIVE = "not_active"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a reason, not a secret


@dataclass(frozen=True, slots=True)
class Login:
    """The fold of a stream `login-<id>`."""

    version: int
    state: LoginState
    user_id: str = ""
    challenge_hash: str = ""
    challenge_ends: datetime | None = None
    codes_refused: int = 0
    source: str | None = None
    """Where the caller said to be when it began."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a token may be issued for; `session_of` is the only maker."""

    id: str
    user_id: str
    factors: tuple[str, ...]
    source: str | None


def credentials_refused() -> PublicError:
    """Return the one answer to an unknown address, a wrong password and an account that is not active."""
    return PublicError(ErrorCode.CREDENTIALS_REFUSED, "address and password do not open an account")


def begin(
    user_id: str | None, user: User | None, *, password_matches: bool, challenge: Ticket, now: datetime
) -> LoginBegun | LoginRefused:
    """Decide on address and password: a challenge of five minutes, or a refusal."""
    if user is None or user_id is None:
        return LoginRefused(reason=RefusalReason.UNKNOWN_ADDRESS.value)
    if user.state is not UserState.ACTIVE:
        return LoginRefused(reason=RefusalReason.NOT_ACTIVE.value)
    if not password_matches:
        return LoginRefused(reason=RefusalReason.WRONG_PASSWORD.value)
    return LoginBegun(
        user_id=user_id,
        challenge_hash=challenge.hash(),
        expires_at=to_rfc3339(now + CHALLENGE_LIFETIME),
    )


def require_open(login: Login | None, challenge: Ticket, now: datetime) -> Login:
    """Return the login that awaits a code for this challenge; `challenge_invalid` otherwise."""
    if (
        login is None
        or login.state is not LoginState.BEGUN
        or login.challenge_ends is None
        or now >= login.challenge_ends
        or login.codes_refused >= CODE_LIMIT
        or not challenge.matches(login.challenge_hash)
    ):
        raise ticket_refused(TicketKind.CHALLENGE)
    return login


def conclude(login: Login, check: CodeCheck) -> LoginSucceeded | LoginCodeRefused:
    """Turn the verdict on a code into what is recorded; `require_open` comes first."""
    if check.outcome is CodeOutcome.ACCEPTED:
        return LoginSucceeded(user_id=login.user_id, step=check.step)
    return LoginCodeRefused(reason=check.outcome.value)


def factors_shown(event: LoginEvent) -> tuple[str, ...]:
    """Return what the caller had proved when this happened."""
    match event:
        case LoginRefused():
            return ()
        case LoginBegun() | LoginCodeRefused():
            return FACTORS[:1]
        case LoginSucceeded():
            return FACTORS


def session_of(login_id: str, login: Login | None) -> Session:
    """Return the session of a login that both factors opened; `challenge_invalid` for any other."""
    if login is None or login.state is not LoginState.SUCCEEDED:
        raise ticket_refused(TicketKind.CHALLENGE)
    return Session(id=login_id, user_id=login.user_id, factors=FACTORS, source=login.source)


def _after(login: Login | None, event: AuthEvent) -> Login:
    match event:
        case LoginRefused() if login is None:
            return Login(version=1, state=LoginState.REFUSED)
        case LoginBegun() if login is None:
            return Login(
                version=1,
                state=LoginState.BEGUN,
                user_id=event.user_id,
                challenge_hash=event.challenge_hash,
                challenge_ends=from_rfc3339(event.expires_at),
            )
        case LoginCodeRefused() if login is not None and login.state is LoginState.BEGUN:
            return replace(login, version=login.version + 1, codes_refused=login.codes_refused + 1)
        case LoginSucceeded() if login is not None and login.state is LoginState.BEGUN:
            return replace(login, version=login.version + 1, state=LoginState.SUCCEEDED)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of this login")


def fold_login(events: Iterable[AuthEvent]) -> Login | None:
    """Return the login after its events; None when there are none. ValueError for an impossible history."""
    login: Login | None = None
    for event in events:
        login = _after(login, event)
    return login
