"""What is remembered about the mails that auth asks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """A person is to be told by mail about something in this log; one mail, and this event is its only cause."""

    user_id: str
    about: int
    """Position of the event to tell about: what the mail says is made from it when it is sent."""


NoticeEvent = NoticeDue
