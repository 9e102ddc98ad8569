"""What the handlers answer."""

from dataclasses import dataclass, field
from datetime import datetime

from services.auth.domain.drill import Drill
from services.auth.domain.module import Graded, Shown
from services.auth.domain.training import Training
from shared.contracts.decision import Reason
from shared.contracts.grants import Grant


@dataclass(frozen=True, slots=True)
class Invited:
    """A user who may enrol now."""

    tenant: str
    user_id: str
    position: int
    """Of the last event that the command recorded."""
    invitation: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ResetRequested:
    """A second owner is awaited."""

    request_id: str
    expires_at: str
    """RFC 3339, UTC."""
    position: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that takes two people, or what became of it."""

    request_id: str
    position: int
    """Of the last event that the command recorded."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the offered factor is made with: one of the two, by its kind; the other is empty."""

    provisioning_uri: str = ""
    """otpauth://, for an authenticator app."""
    passkey_options: str = ""
    """JSON of WebAuthn's options, for a browser."""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What the invited person needs to prove the second factor."""

    enrolment: str = field(repr=False)
    setup: Setup = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An active user, who is shown the recovery codes once."""

    tenant: str
    user_id: str
    recovery_codes: list[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Offered:
    """What a person needs to prove another factor."""

    offer: str = field(repr=False)
    setup: Setup = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Challenged:
    """The password was right; a proof is awaited."""

    challenge: str = field(repr=False)
    expires_at: datetime
    passkey_options: str | None = field(default=None, repr=False)
    """What a browser needs to ask for a passkey, for a user who has one."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail to one person."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QuestionsAsked:
    """An attempt at a module that awaits answers."""

    attempt: str
    questions: list[Shown]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TrainingGraded:
    """The result of an attempt."""

    score: int
    asked: int
    expires_at: datetime | None
    """Until when it counts; None: it was not enough."""
    answers: list[Graded]


@dataclass(frozen=True, slots=True)
class Member:
    """Where one person of the business stands with training."""

    user_id: str
    name: str = field(repr=False)
    training: Training


@dataclass(frozen=True, slots=True)
class Mailed:
    """Somebody to whom a drill's mail went."""

    user_id: str
    name: str = field(repr=False)
    followed: bool


@dataclass(frozen=True, slots=True)
class DrillResult:
    """What became of a drill."""

    drill: Drill
    mailed: list[Mailed]


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session's token, and what prolongs the session."""

    token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(repr=False)
    session_id: str
    session_ends_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A signed token."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Defined:
    """A role of the business's own."""

    role_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who has which role now."""

    user_id: str
    role: str
    position: int


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody of the business."""

    user_id: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    role: str
    role_name: str
    state: str
    factors: list[str]
    """Their kinds."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Whether somebody may do something, and why."""

    role: str
    """As people call it."""
    allowed: bool
    reasons: tuple[Reason, ...]
    grants: tuple[Grant, ...]
    """Those of the role that name the permission."""
