"""The step-up: begun for one command, proved by a factor, and then worth one proof for that command alone.

Every attempt is a stream of its own, as a login is. It is bound to the session in which it began, so that a challenge
that was taken away is of no use elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.auth.domain.events import AuthEvent, StepUpBegun, StepUpProved, StepUpRefused
from services.auth.domain.proof import PROOF_LIMIT, Proved
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused
from services.auth.domain.user import User, UserState
from shared.kernel.clock import from_rfc3339, to_rfc3339

CHALLENGE_LIFETIME = timedelta(minutes=5)
PROOF_LIFETIME = timedelta(minutes=2)
"""From the accepted proof until the command has arrived."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What a factor is to be proved for."""

    name: str
    """Service and method, e.g. `invoices.configure_seller`."""
    command_hash: str


@dataclass(frozen=True, slots=True)
class StepUp:
    """The fold of a stream `step-up-<id>`."""

    version: int
    user_id: str
    session: str
    deed: Deed
    challenge_hash: str
    challenge_ends: datetime
    proofs_refused: int = 0
    method: str = ""
    """RFC 8176 name of what was shown; empty until something was."""


@dataclass(frozen=True, slots=True)
class SteppedUp:
    """What a step-up proof may be issued for; `stepped_up` is the only maker."""

    user_id: str
    session: str
    deed: Deed
    method: str


def begin(user_id: str, session: str, deed: Deed, challenge: Ticket, now: datetime) -> StepUpBegun:
    """Ask for a factor within five minutes."""
    return StepUpBegun(
        user_id=user_id,
        session=session,
        deed=deed.name,
        command_hash=deed.command_hash,
        challenge_hash=challenge.hash(),
        expires_at=to_rfc3339(now + CHALLENGE_LIFETIME),
    )


def require_open(step_up: StepUp | None, challenge: Ticket, *, user_id: str, session: str, now: datetime) -> StepUp:
    """Return the step-up that awaits a proof by this person in this session; `challenge_invalid` otherwise."""
    if (
        step_up is None
        or step_up.method
        or now >= step_up.challenge_ends
        or step_up.proofs_refused >= PROOF_LIMIT
        or (step_up.user_id, step_up.session) != (user_id, session)
        or not challenge.matches(step_up.challenge_hash)
    ):
        raise ticket_refused(TicketKind.STEP_UP)
    return step_up


def require_active(user: User | None) -> User:
    """Return a user who may prove anything; `challenge_invalid` for one who is forgotten or disabled."""
    if user is None or user.state is not UserState.ACTIVE:
        raise ticket_refused(TicketKind.STEP_UP)
    return user


def conclude(step_up: StepUp, proved: Proved) -> StepUpProved | StepUpRefused:
    """Turn the verdict on a proof into what is recorded; `require_open` comes first."""
    if not proved.accepted:
        return StepUpRefused(reason=proved.outcome.value)
    (method,) = proved.amr
    return StepUpProved(
        user_id=step_up.user_id,
        deed=step_up.deed.name,
        command_hash=step_up.deed.command_hash,
        method=method,
        factor_id=proved.factor_id,
        step=proved.step,
    )


def stepped_up(step_up: StepUp | None) -> SteppedUp:
    """Return what a proved step-up is worth; `challenge_invalid` for any other."""
    if step_up is None or not step_up.method:
        raise ticket_refused(TicketKind.STEP_UP)
    return SteppedUp(step_up.user_id, step_up.session, step_up.deed, step_up.method)


def _after(step_up: StepUp | None, event: AuthEvent) -> StepUp:
    match event:
        case StepUpBegun() if step_up is None:
            return StepUp(
                version=1,
                user_id=event.user_id,
                session=event.session,
                deed=Deed(event.deed, event.command_hash),
                challenge_hash=event.challenge_hash,
                challenge_ends=from_rfc3339(event.expires_at),
            )
        case StepUpRefused() if step_up is not None and not step_up.method:
            return replace(step_up, version=step_up.version + 1, proofs_refused=step_up.proofs_refused + 1)
        case StepUpProved() if step_up is not None and not step_up.method:
            return replace(step_up, version=step_up.version + 1, method=event.method)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of this step-up")


def fold_step_up(events: Iterable[AuthEvent]) -> StepUp | None:
    """Return the step-up after its events; None when there are none. ValueError for an impossible history."""
    step_up: StepUp | None = None
    for event in events:
        step_up = _after(step_up, event)
    return step_up
