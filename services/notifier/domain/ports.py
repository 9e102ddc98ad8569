"""What delivering needs from the outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.notifier.domain.delivery import Attempt, DeliveryState
from services.notifier.domain.mail import Mail, Message


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that somebody is to be told about by mail."""

    event_id: str
    tenant: str
    source: str
    """The service whose log holds the event."""
    stream: str
    position: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a delivery stands, and since when it has been tried."""

    state: DeliveryState
    since: datetime


class NotNow(Exception):
    """Something that was needed could not be had; it is worth trying again. The code holds no content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotWanted(Exception):
    """The recipient wants nothing mailed: there is nothing to do, now or later."""


class Mails(Protocol):
    """What there is to tell, made into mails."""

    def mail_for(self, notice: Notice) -> Mail:
        """Return the mail about an event; raises NotNow, NotWanted and MailRefused."""
        ...


class Transport(Protocol):
    """Hands mails to a server."""

    def prepare(self, mail: Mail) -> Message:
        """Write the mail down; raises MailRefused. Nothing is sent yet."""
        ...

    def send(self, message: Message) -> Attempt:
        """Try once to hand a message over."""
        ...


class Deliveries(Protocol):
    """The durable record of deliveries. Each method commits before it returns."""

    def recall(self, notice: Notice) -> Delivery:
        """Return where the delivery stands; one that was never heard of is recorded as pending."""
        ...

    def begin(self, notice: Notice, mail: Mail) -> None:
        """Record that the mail is about to be sent; TransitionRefused unless it is pending."""
        ...

    def conclude(self, notice: Notice, attempt: Attempt) -> DeliveryState:
        """Record how the attempt ended and return the new state."""
        ...

    def refuse(self, notice: Notice) -> None:
        """Record that this cannot become a mail."""
        ...

    def spare(self, notice: Notice) -> None:
        """Record that nobody wants this as a mail."""
        ...


class Inbox(Protocol):
    """Events that wait to be dealt with."""

    def take(self) -> Notice | None:
        """Return an event whose time has come, or None."""
        ...

    def done(self, event_id: str) -> None:
        """Forget about an event: it was dealt with."""
        ...

    def retry_later(self, event_id: str, code: str) -> None:
        """Let an event wait, longer each time."""
        ...

    def dead(self, event_id: str, code: str) -> None:
        """Put an event aside for a person to look at."""
        ...
