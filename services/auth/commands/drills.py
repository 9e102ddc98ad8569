"""Commands about phishing drills."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StartDrill:
    """Send a drill's mail to some people, or to everybody."""

    template: str
    language: str
    user_ids: tuple[str, ...] | None
    """None: everybody who is active."""


@dataclass(frozen=True, slots=True)
class FollowDrillLink:
    """Follow the link of a drill's mail."""

    link: str = field(repr=False)
    source: str | None = None
