"""Commands of owners about the accounts of others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DisableUser:
    """Close an account."""

    user_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class EnableUser:
    """Open a disabled account again."""

    user_id: str


@dataclass(frozen=True, slots=True)
class UnlockUser:
    """Lift the lock that failures brought."""

    user_id: str
