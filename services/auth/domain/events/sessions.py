"""What is remembered about a session: what a succeeded login is worth, until it ends."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionBegan:
    """A login succeeded, and may be prolonged without factors for a while."""

    user_id: str
    method: str
    """RFC 8176 name of what the login has shown besides the password."""
    source: str
    """Where the person said to be; empty when they did not."""
    began_at: str
    refresh_hash: str
    idle_until: str
    ends_at: str


@dataclass(frozen=True, slots=True)
class SessionRefreshed:
    """The refresh token was exchanged for the next one."""

    refresh_hash: str
    idle_until: str


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """Nothing is given for this session any more; `reason` is an `EndReason`."""

    reason: str


SessionEvent = SessionBegan | SessionRefreshed | SessionEnded
