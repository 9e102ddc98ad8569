"""Phishing drills: mails that look like an attack and do no harm, each with a link that tells whose it was.

The link is a ticket: only its hash is recorded, and it opens nothing but a page that says that this was a drill. A
click is recorded once. It has no consequence for the person: who is afraid of clicks does not report them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.auth.domain.events import AuthEvent, DrillLinkFollowed, DrillMailed, DrillStarted
from services.auth.domain.notice import Letter
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused


@dataclass(frozen=True, slots=True)
class DrillTemplate:
    """What a drill's mail says, and which module it leads to."""

    name: str
    language: str
    about: str
    """What the mail pretends, for the owner who chooses."""
    module: str
    subject: str
    text: str
    """With `{name}` and `{link}`."""

    def letter(self, name: str, link: str) -> Letter:
        """Return the mail to a person; the name is put in as it is, not read as a template again."""
        return Letter(self.subject, self.text.replace("{link}", link).replace("{name}", name))


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill that was started."""

    id: str
    template: str
    started_by: str
    mails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrillMail:
    """The fold of a stream `drill_mail-<id>`."""

    version: int
    user_id: str
    drill_id: str
    template: str
    language: str
    link_hash: str
    followed: bool = False


def drills(events: Iterable[AuthEvent]) -> list[Drill]:
    """Return the drills of a stream `drills-<tenant>`, in the order in which they were started."""
    return [
        Drill(event.drill_id, event.template, event.started_by, tuple(event.mails.split()))
        for event in events
        if isinstance(event, DrillStarted)
    ]


def fold_drill_mail(events: Iterable[AuthEvent]) -> DrillMail | None:
    """Return the mail after its events; None when there are none. ValueError for an impossible history."""
    mail: DrillMail | None = None
    for event in events:
        match event:
            case DrillMailed() if mail is None:
                whose = (event.user_id, event.drill_id, event.template, event.language, event.link_hash)
                mail = DrillMail(1, *whose)
            case DrillLinkFollowed() if mail is not None and not mail.followed:
                whose = (mail.user_id, mail.drill_id, mail.template, mail.language, mail.link_hash)
                mail = DrillMail(2, *whose, followed=True)
            case _:
                raise ValueError(f"{type(event).__name__} cannot follow in the history of this mail")
    return mail


def require_mailed(mail: DrillMail | None, link: Ticket) -> DrillMail:
    """Return the mail whose link this is; `drill_link_invalid` otherwise."""
    if mail is None or not link.matches(mail.link_hash):
        raise ticket_refused(TicketKind.DRILL)
    return mail
