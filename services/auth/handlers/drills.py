"""Phishing drills: started by an owner, mailed as notices are, a click recorded once."""

from services.auth.codec import decode_all, encode
from services.auth.commands import FollowDrillLink, StartDrill
from services.auth.domain.drill import Drill, DrillMail, drills, fold_drill_mail, require_mailed
from services.auth.domain.events import DrillLinkFollowed, DrillMailed, DrillStarted
from services.auth.domain.module import Module
from services.auth.domain.notice import Letter
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused
from services.auth.domain.user import UserState
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.people import people_of
from services.auth.handlers.training import training_module
from services.auth.history import user_stream
from services.auth.ports import Ports
from services.auth.replies import DrillResult, Mailed
from shared.contracts.drills import MOST_PEOPLE
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded, KeyUnknown
from shared.eventstore.model import Author, CommandId, NewEvent
from shared.kernel.ids import new_id


@deciding_again
def start_drill(ports: Ports, command: StartDrill, *, tenant: str, by: str, command_id: CommandId) -> Drill:
    """Have a drill mailed.

    Raises PublicError drill_unknown for a template that there is not, user_unknown, too_many_people, drills_not_served.
    """
    if ports.drill_url is None:
        raise PublicError(ErrorCode.DRILLS_NOT_SERVED, "no page is set up that a drill's links could lead to")
    template = ports.drill_templates.get(command.template, command.language)
    if template is None:
        raise PublicError(ErrorCode.DRILL_UNKNOWN, "there is no such template")
    stream = _drills_stream(tenant)
    version = ports.log.version(tenant, stream)
    recorded = ports.log.replay_of(tenant, command_id)
    if recorded is None:
        drill_id, mails = new_id(), {new_id(): user_id for user_id in _recipients(ports, tenant, command.user_ids)}
        started = DrillStarted(drill_id, template.name, by, " ".join(mails))
        events = [encode(stream, TENANT_SUBJECT, started)]
        for mail_id, user_id in mails.items():
            link_hash = _link(ports, tenant, mail_id).hash()
            mailed = DrillMailed(user_id, drill_id, template.name, template.language, link_hash)
            events.append(_about(mail_id, user_id, mailed))
        expected = {stream: version, **{_mail_stream(mail_id): 0 for mail_id in mails}}
        recorded = ports.log.append(tenant, events, expected, command_id)
    (drill,) = drills(decode_all(recorded))
    return drill


@deciding_again
def follow_drill_link(ports: Ports, command: FollowDrillLink) -> Module:
    """Record the first click on a link, and return the module that it leads to; `drill_link_invalid`."""
    link = Ticket.read(TicketKind.DRILL, command.link)
    tenant, mail_id = link.tenant, link.subject
    mail = require_mailed(_load_mail(ports, tenant, mail_id), link)
    if not mail.followed:
        followed = _about(mail_id, mail.user_id, DrillLinkFollowed(mail.user_id, mail.drill_id))
        # Whoever holds the mail follows its link; that it is the person is likely, and not proved.
        by = Author("anonymous", source=command.source)
        ports.log.append(tenant, [followed], {followed.stream: mail.version}, by=by)
    template = ports.drill_templates.get(mail.template, mail.language)
    if template is None:
        raise ticket_refused(TicketKind.DRILL)
    return training_module(ports, template.module, mail.language)


def list_drills(ports: Ports, *, tenant: str) -> list[Drill]:
    """Return the drills of a business, in the order in which they were started."""
    return drills(decode_all(ports.log.load(tenant, _drills_stream(tenant))))


def drill_results(ports: Ports, drill_id: str, *, tenant: str) -> DrillResult:
    """Return who was mailed and who followed the link; `drill_unknown`. Who was forgotten is left out."""
    drill = next((each for each in list_drills(ports, tenant=tenant) if each.id == drill_id), None)
    if drill is None:
        raise PublicError(ErrorCode.DRILL_UNKNOWN, "there is no such drill in this business")
    people = people_of(ports, tenant)
    mails = [mail for mail_id in drill.mails if (mail := _load_mail(ports, tenant, mail_id)) is not None]
    mailed = [
        Mailed(mail.user_id, people[mail.user_id].name, mail.followed) for mail in mails if mail.user_id in people
    ]
    return DrillResult(drill, sorted(mailed, key=lambda each: (each.name.casefold(), each.user_id)))


def drill_letter(ports: Ports, tenant: str, mail_id: str, name: str) -> Letter | None:
    """Return the text of a drill's mail to a person, with their own link; None when it can no longer be made."""
    mail = _load_mail(ports, tenant, mail_id)
    template = None if mail is None else ports.drill_templates.get(mail.template, mail.language)
    if template is None or ports.drill_url is None:
        return None
    return template.letter(name, f"{ports.drill_url}/{_link(ports, tenant, mail_id).text()}")


def _recipients(ports: Ports, tenant: str, named: tuple[str, ...] | None) -> list[str]:
    active = [user_id for user_id, user in people_of(ports, tenant).items() if user.state is UserState.ACTIVE]
    chosen = active if named is None else list(dict.fromkeys(named))
    if set(chosen) - set(active):
        raise PublicError(ErrorCode.USER_UNKNOWN, "not everybody named is an active user of this business")
    if len(chosen) > MOST_PEOPLE:
        message = f"One drill goes to at most {MOST_PEOPLE} people, and {len(chosen)} are active: name some of them."
        raise PublicError(ErrorCode.TOO_MANY_PEOPLE, message)
    return chosen


def _link(ports: Ports, tenant: str, mail_id: str) -> Ticket:
    return Ticket(TicketKind.DRILL, tenant, mail_id, ports.drill_links.secret(tenant, mail_id))


def _about(mail_id: str, user_id: str, event: DrillMailed | DrillLinkFollowed) -> NewEvent:
    return encode(_mail_stream(mail_id), user_stream(user_id), event)


def _load_mail(ports: Ports, tenant: str, mail_id: str) -> DrillMail | None:
    try:
        return fold_drill_mail(decode_all(ports.log.load(tenant, _mail_stream(mail_id))))
    except (KeyShredded, KeyUnknown):
        return None


def _drills_stream(tenant: str) -> str:
    return f"drills-{tenant}"


def _mail_stream(mail_id: str) -> str:
    return f"drill_mail-{mail_id}"
