"""Commands about sessions."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RefreshSession:
    """Exchange a refresh token for a token and the next refresh token."""

    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndSession:
    """End one of one's own sessions."""

    session_id: str


@dataclass(frozen=True, slots=True)
class EndSessionsOf:
    """End all sessions of a user."""

    user_id: str
