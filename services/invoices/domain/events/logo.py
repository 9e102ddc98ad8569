"""What can happen to the seller's logo. In the stream of the seller."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogoSet:
    """Documents issued from here on show this picture; the log entry binds its bytes by their digest."""

    digest: str
    """SHA-256 of the PNG or JPEG, hex."""


@dataclass(frozen=True, slots=True)
class LogoRemoved:
    """Documents issued from here on show the seller's name alone."""


LogoEvent = LogoSet | LogoRemoved
