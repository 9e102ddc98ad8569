"""Phishing drills over a real log: who is mailed what, and what a click tells."""

from dataclasses import replace

import pytest

from services.auth import handlers
from services.auth.commands import FollowDrillLink, StartDrill
from services.auth.domain.drill import Drill
from services.auth.domain.roles import Role
from services.auth.domain.ticket import Ticket, TicketKind
from services.auth.handlers import drills
from services.auth.history import user_stream
from shared.contracts.errors import ErrorCode
from shared.eventstore.model import CommandId
from shared.kernel.ids import new_id
from tests.integration.auth.business import DRILL_URL, Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration


@pytest.fixture
def bob(auth: Auth, ada: Person) -> Person:
    return auth.enrol(auth.invite(ada.tenant, "bob@example.org", Role.SALES), "bob@example.org")


def start(ada: Person, *users: str, template: str = "shared_invoice", command: CommandId | None = None) -> Drill:
    order = StartDrill(template, "en", users or None)
    return handlers.start_drill(
        ada.auth.ports, order, tenant=ada.tenant, by=ada.user_id, command_id=command or command_id()
    )


def mails(auth: Auth, tenant: str) -> dict[str, str]:
    """Return what the notifier is told to mail, by address."""
    auth.runner.run_once()
    due = [event.position for event in auth.ports.log.read(tenant) if event.type == "NoticeDue"]
    told = [handlers.notice(auth.ports, tenant=tenant, position=position) for position in due]
    return {mail.email: mail.text for mail in told if DRILL_URL in mail.text}


def link_in(text: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith(DRILL_URL)]
    return line.removeprefix(f"{DRILL_URL}/")


def follow(auth: Auth, link: str) -> str:
    return handlers.follow_drill_link(auth.ports, FollowDrillLink(link)).name


def kinds(auth: Auth, tenant: str) -> list[str]:
    return [event.type for event in auth.ports.log.read(tenant)]


def test_everybody_is_mailed_a_link_of_their_own(auth: Auth, ada: Person, bob: Person) -> None:
    start(ada)
    told = mails(auth, ada.tenant)
    assert told.keys() == {ada.email, bob.email}
    assert link_in(told[ada.email]) != link_in(told[bob.email])


def test_a_click_is_recorded_once_and_leads_to_the_matching_module(auth: Auth, ada: Person, bob: Person) -> None:
    drill = start(ada, template="new_account")
    link = link_in(mails(auth, ada.tenant)[bob.email])
    assert [follow(auth, link) for _ in range(3)] == ["invoice_fraud"] * 3
    assert kinds(auth, ada.tenant).count("DrillLinkFollowed") == 1
    result = handlers.drill_results(auth.ports, drill.id, tenant=ada.tenant)
    assert [(each.name, each.followed) for each in result.mailed] == [("Ada", False), ("Bob", True)]


def test_only_those_who_are_named_are_mailed(auth: Auth, ada: Person, bob: Person) -> None:
    start(ada, bob.user_id)
    assert mails(auth, ada.tenant).keys() == {bob.email}


def test_a_drill_that_would_leave_somebody_out_is_refused(
    auth: Auth, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drills, "MOST_PEOPLE", 1)
    with refused_with(ErrorCode.TOO_MANY_PEOPLE):
        start(ada)
    start(ada, bob.user_id)
    assert mails(auth, ada.tenant).keys() == {bob.email}


def test_a_link_that_nobody_was_mailed_is_refused(auth: Auth, ada: Person) -> None:
    start(ada)
    link = Ticket.read(TicketKind.DRILL, link_in(mails(auth, ada.tenant)[ada.email]))
    guesses = ["nonsense", replace(link, secret=bytes(32)).text(), replace(link, subject=new_id()).text()]
    for guess in [*guesses, replace(link, tenant=new_id()).text()]:
        with refused_with(ErrorCode.DRILL_LINK_INVALID):
            follow(auth, guess)
    assert "DrillLinkFollowed" not in kinds(auth, ada.tenant)


def test_a_drills_link_opens_nothing_else(auth: Auth, ada: Person) -> None:
    start(ada)
    link = Ticket.read(TicketKind.DRILL, link_in(mails(auth, ada.tenant)[ada.email]))
    for kind in set(TicketKind) - {TicketKind.DRILL}:
        assert not replace(link, kind=kind).matches(link.hash())


def test_whoever_retries_sends_no_second_mail(auth: Auth, ada: Person) -> None:
    command = command_id()
    assert start(ada, command=command) == start(ada, command=command)
    assert kinds(auth, ada.tenant).count("DrillMailed") == 1
    assert len(handlers.list_drills(auth.ports, tenant=ada.tenant)) == 1


def test_strangers_and_unknown_drills_are_refused(auth: Auth, ada: Person) -> None:
    with refused_with(ErrorCode.USER_UNKNOWN):
        start(ada, new_id())
    with refused_with(ErrorCode.DRILL_UNKNOWN):
        start(ada, template="no_such_template")
    with refused_with(ErrorCode.DRILL_UNKNOWN):
        handlers.drill_results(auth.ports, new_id(), tenant=ada.tenant)


def test_a_drill_of_another_business_is_unknown(auth: Auth, ada: Person) -> None:
    drill = start(ada)
    other = auth.found("Other", "eve@example.org")
    with refused_with(ErrorCode.DRILL_UNKNOWN):
        handlers.drill_results(auth.ports, drill.id, tenant=other.tenant)


def test_without_a_page_there_is_no_drill(auth: Auth, ada: Person) -> None:
    auth.ports = replace(auth.ports, drill_url=None)
    with refused_with(ErrorCode.DRILLS_NOT_SERVED):
        start(ada)


def test_somebody_who_was_forgotten_is_in_no_result(auth: Auth, ada: Person, bob: Person) -> None:
    drill = start(ada)
    auth.ports.keyring.shred(ada.tenant, user_stream(bob.user_id))
    result = handlers.drill_results(auth.ports, drill.id, tenant=ada.tenant)
    assert [each.name for each in result.mailed] == ["Ada"]
