"""What is remembered about a user."""

from dataclasses import dataclass

from services.auth.domain.events.accounts import AccountEvent
from services.auth.domain.events.administration import AdministrationEvent
from services.auth.domain.events.resets import ResetEvent
from services.auth.domain.events.roles import RoleAssigned


@dataclass(frozen=True, slots=True)
class UserInvited:
    """A person was asked to enrol."""

    email: str
    name: str
    role: str
    invitation_hash: str
    expires_at: str
    invited_by: str


@dataclass(frozen=True, slots=True)
class EnrolmentBegun:
    """The invited person chose a password and was given a second factor; neither counts yet."""

    password_hash: str
    """PHC string of the peppered password."""
    factor_id: str
    kind: str
    """A `FactorKind`."""
    name: str
    material: str
    """What the first proof is checked against; secrets in it are sealed."""
    enrolment_hash: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class EnrolmentProofRefused:
    """The second factor was not proved during enrolment; `reason` is a `ProofOutcome`."""

    reason: str


@dataclass(frozen=True, slots=True)
class UserEnrolled:
    """The second factor was proved: the account is active."""

    factor_id: str
    kind: str
    name: str
    material: str
    """What later proofs are checked against; secrets in it are sealed."""
    added_at: str
    step: int
    """The TOTP time step of the accepted code; -1 for a factor of another kind."""


@dataclass(frozen=True, slots=True)
class RecoveryCodesIssued:
    """The user was shown new recovery codes; earlier ones count no more."""

    hashes: str
    """Keyed hashes in hex, separated by spaces, in the order in which the codes were shown."""


@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed:
    """A recovery code was accepted, and is used up."""

    index: int
    """Which of the codes, from 0."""
    purpose: str
    """A `PurposeKind`."""


@dataclass(frozen=True, slots=True)
class UserSessionsEnded:
    """Every session of the user was ended."""

    ended_by: str
    """Id of the user who wanted it."""


@dataclass(frozen=True, slots=True)
class UserLocked:
    """Too many failures in a row: nothing is judged until an owner lifts the lock, or it ends."""

    failures: int
    until: str


@dataclass(frozen=True, slots=True)
class UserUnlocked:
    """An owner lifted the lock of an account, and its failures are forgotten."""


UserEvent = (
    RoleAssigned
    | UserInvited
    | EnrolmentBegun
    | EnrolmentProofRefused
    | UserEnrolled
    | RecoveryCodesIssued
    | RecoveryCodeUsed
    | UserSessionsEnded
    | UserLocked
    | UserUnlocked
    | AccountEvent
    | AdministrationEvent
    | ResetEvent
)
