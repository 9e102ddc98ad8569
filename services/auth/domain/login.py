"""The login: begun by the right password, succeeded by an accepted proof, and only then worth a session.

Every attempt is a stream of its own, so attempts never wait for each other and a user's own history stays short.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.auth.domain.events import (
    AuthEvent,
    LoginBegun,
    LoginEvent,
    LoginProofRefused,
    LoginRefused,
    LoginSucceeded,
    NewDeviceSeen,
)
from services.auth.domain.proof import PASSWORD_METHOD, PROOF_LIMIT, Proved
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused
from services.auth.domain.user import User, UserState
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.clock import from_rfc3339, to_rfc3339

CHALLENGE_LIFETIME = timedelta(minutes=5)


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
    proofs_refused: int = 0
    method: str = ""
    """RFC 8176 name of what was shown besides the password, once it was."""
    source: str | None = None
    """Where the caller said to be when it began."""
    position: int = -1
    """Where in the tenant's log it began."""


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
    """Return the login that awaits a proof for this challenge; `challenge_invalid` otherwise."""
    if (
        login is None
        or login.state is not LoginState.BEGUN
        or login.challenge_ends is None
        or now >= login.challenge_ends
        or login.proofs_refused >= PROOF_LIMIT
        or not challenge.matches(login.challenge_hash)
    ):
        raise ticket_refused(TicketKind.CHALLENGE)
    return login


def conclude(login: Login, proved: Proved) -> LoginSucceeded | LoginProofRefused:
    """Turn the verdict on a proof into what is recorded; `require_open` comes first."""
    if not proved.accepted:
        return LoginProofRefused(user_id=login.user_id, reason=proved.outcome.value)
    (method,) = proved.amr
    return LoginSucceeded(user_id=login.user_id, method=method, factor_id=proved.factor_id, step=proved.step)


def new_device(user: User, session_id: str, source: str | None) -> NewDeviceSeen | None:
    """Record a source that none of the user's logins came from before; None for a known one, or none that is named."""
    return None if source is None or source in user.sources else NewDeviceSeen(source=source, session_id=session_id)


def factors_shown(event: LoginEvent) -> tuple[str, ...]:
    """Return what the caller had proved when this happened."""
    match event:
        case LoginRefused():
            return ()
        case LoginBegun() | LoginProofRefused():
            return (PASSWORD_METHOD,)
        case LoginSucceeded():
            return (PASSWORD_METHOD, event.method)


def login_after(login: Login | None, event: AuthEvent) -> Login:
    """Return the login after one more event; ValueError for one that cannot follow."""
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
        case LoginProofRefused() if login is not None and login.state is LoginState.BEGUN:
            return replace(login, version=login.version + 1, proofs_refused=login.proofs_refused + 1)
        case LoginSucceeded() if login is not None and login.state is LoginState.BEGUN:
            return replace(login, version=login.version + 1, state=LoginState.SUCCEEDED, method=event.method)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of this login")


def fold_login(events: Iterable[AuthEvent]) -> Login | None:
    """Return the login after its events; None when there are none. ValueError for an impossible history."""
    login: Login | None = None
    for event in events:
        login = login_after(login, event)
    return login
