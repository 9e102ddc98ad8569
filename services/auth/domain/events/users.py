"""What is remembered about a user."""

from dataclasses import dataclass


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
    factor: str
    """The TOTP secret, sealed, base64."""
    enrolment_hash: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class EnrolmentCodeRefused:
    """A code did not prove the second factor during enrolment; `reason` is a `CodeOutcome`."""

    reason: str


@dataclass(frozen=True, slots=True)
class UserEnrolled:
    """The second factor was proved: the account is active."""

    step: int
    """The TOTP time step of the accepted code."""


UserEvent = UserInvited | EnrolmentBegun | EnrolmentCodeRefused | UserEnrolled
