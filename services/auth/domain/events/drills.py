"""What is remembered about phishing drills."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrillStarted:
    """An owner had a harmless mail sent that looks like an attack."""

    drill_id: str
    template: str
    started_by: str
    mails: str
    """Ids of the drill's mails (streams `drill_mail-<id>`), separated by spaces."""


@dataclass(frozen=True, slots=True)
class DrillMailed:
    """One of a drill's mails, with a link of its own, was to go to this person."""

    user_id: str
    drill_id: str
    template: str
    language: str
    link_hash: str


@dataclass(frozen=True, slots=True)
class DrillLinkFollowed:
    """Somebody followed the link in the mail; recorded the first time only."""

    user_id: str
    drill_id: str


DrillEvent = DrillStarted | DrillMailed | DrillLinkFollowed
