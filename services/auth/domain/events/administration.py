"""What is remembered about what others do to an account, and about where its holder comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewDeviceSeen:
    """The user logged in from a source that none of their logins came from before."""

    source: str
    session_id: str


@dataclass(frozen=True, slots=True)
class UserDisabled:
    """The account opens nothing any more, until it is enabled again."""

    reason: str


@dataclass(frozen=True, slots=True)
class UserEnabled:
    """The account is what it was before it was disabled."""


AdministrationEvent = NewDeviceSeen | UserDisabled | UserEnabled
