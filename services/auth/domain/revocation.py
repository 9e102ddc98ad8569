"""Which events take away what a token says: the one place that a new kind of event is entered in.

A token carries the size of the tenant's log when its grants were looked up (`pos`). An event at position p that takes
something away refuses every token it concerns whose `pos` is not beyond p: no clock decides, and a token made after the
event is good at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from services.auth.domain.session import EndReason

END_OF_SESSIONS: Mapping[str, EndReason] = MappingProxyType(
    {
        "UserSessionsEnded": EndReason.REVOKED,
        "UserDisabled": EndReason.DISABLED,
        "FactorsReset": EndReason.FACTORS_CHANGED,
        "PasswordChanged": EndReason.PASSWORD_CHANGED,
        "FactorAdded": EndReason.FACTORS_CHANGED,
        "FactorRemoved": EndReason.FACTORS_CHANGED,
        "RecoveryCodesIssued": EndReason.FACTORS_CHANGED,
    }
)
"""Events in a user's stream that end every session of theirs begun before, but the one they were made in."""


class RevocationKind(StrEnum):
    """Whose tokens are refused."""

    SESSION = "session"
    USER = "user"
    ROLE = "role"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Revocation:
    """The tokens of a subject, made before this happened, are refused."""

    kind: RevocationKind
    subject: str
    """Id of the session, user, role or tenant."""


_BY_STREAM: Mapping[str, RevocationKind] = MappingProxyType(
    {
        "SessionEnded": RevocationKind.SESSION,
        "RoleAssigned": RevocationKind.USER,
        "TrainingPolicySet": RevocationKind.TENANT,
        **dict.fromkeys(END_OF_SESSIONS, RevocationKind.USER),
    }
)
"""Events that revoke what their stream is named after: `session-<id>`, `user-<id>`, `training_policy-<tenant>`."""
_BY_FIELD: Mapping[str, tuple[RevocationKind, str]] = MappingProxyType(
    dict.fromkeys(("RoleDefined", "RoleRetired"), (RevocationKind.ROLE, "role_id"))
)
"""Events that name in a field what they revoke, e.g. the role that was defined anew."""


def revocation_of(event_type: str, stream: str, payload: Mapping[str, object]) -> Revocation | None:
    """Return what an event of auth's log revokes; None for most."""
    if event_type in _BY_STREAM:
        return Revocation(_BY_STREAM[event_type], stream.partition("-")[2])
    if event_type in _BY_FIELD:
        kind, field = _BY_FIELD[event_type]
        return Revocation(kind, str(payload[field]))
    return None
