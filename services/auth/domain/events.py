"""Everything that is remembered about users and logins.

Fields are strings and integers; moments are RFC 3339 in UTC. Events are recorded sealed under the key of the user they
are about. Secrets are sealed a second time under a key that never rests in a database (`factor`) or hashed with such a
key (`password_hash`): an auditor who holds every data key can read this history, yet cannot log in as anybody.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TenantCreated:
    """A business was taken in."""

    name: str
    created_by: str


@dataclass(frozen=True, slots=True)
class AddressClaimed:
    """An address was given to a user; nobody else in the tenant can have it."""

    address_index: str
    """Hex blind index of the address: the address itself is only in `UserInvited`."""
    user_id: str


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


@dataclass(frozen=True, slots=True)
class LoginBegun:
    """The password was right; a code is awaited."""

    user_id: str
    challenge_hash: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Address and password opened nothing; `reason` is for the auditor only, never for the caller."""

    reason: str


@dataclass(frozen=True, slots=True)
class LoginCodeRefused:
    """A code was wrong or used before; `reason` is a `CodeOutcome`."""

    reason: str


@dataclass(frozen=True, slots=True)
class LoginSucceeded:
    """Both factors were shown."""

    user_id: str
    step: int
    """The TOTP time step of the accepted code."""


TenantEvent = TenantCreated | AddressClaimed
UserEvent = UserInvited | EnrolmentBegun | EnrolmentCodeRefused | UserEnrolled
LoginEvent = LoginBegun | LoginRefused | LoginCodeRefused | LoginSucceeded
AuthEvent = TenantEvent | UserEvent | LoginEvent
