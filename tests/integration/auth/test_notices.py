"""Which mails auth asks for, and what the notifier is told about them."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.codec import encode
from services.auth.domain.events import NoticeDue, TrainingReminded
from services.auth.handlers.notices import announce
from services.auth.history import user_stream
from shared.contracts.errors import ErrorCode
from shared.contracts.events import PublishedEvent
from shared.eventstore.model import Author, RecordedEvent
from shared.kernel.ids import new_id
from tests.integration.auth.business import Auth, Person, refused_with

pytestmark = pytest.mark.integration


def remind(ada: Person) -> RecordedEvent:
    """Record something that calls for a mail."""
    reminded = TrainingReminded(
        user_id=ada.user_id,
        stage="overdue",
        modules="phishing",
        due_at="2026-12-22T09:00:00.000000Z",
        grace_ends_at="2027-01-05T09:00:00.000000Z",
    )
    event = encode(f"training-{ada.user_id}", user_stream(ada.user_id), reminded)
    (recorded,) = ada.auth.ports.log.append(ada.tenant, [event], {event.stream: 0}, by=Author("service", "auth"))
    return recorded


def notices(auth: Auth, tenant: str) -> Mapping[int, RecordedEvent]:
    """Return what was asked for, by position."""
    return {event.position: event for event in auth.ports.log.read(tenant) if event.type == NoticeDue.__name__}


def test_an_event_that_calls_for_a_mail_asks_for_one_to_the_person(auth: Auth, ada: Person) -> None:
    about = remind(ada)
    auth.runner.run_once()
    ((position, due),) = notices(auth, ada.tenant).items()
    assert due.payload == {"user_id": ada.user_id, "about": about.position}
    mail = handlers.notice(auth.ports, tenant=ada.tenant, position=position)
    assert (mail.name, mail.email) == ("Ada", ada.email)
    assert mail.subject == "Your training is overdue"
    assert "phishing" in mail.text


def test_whoever_announces_again_changes_nothing(auth: Auth, ada: Person) -> None:
    about = remind(ada)
    auth.runner.run_once()
    before = notices(auth, ada.tenant)
    announce(auth.process().log, auth.ports.addresses, about)
    assert notices(auth, ada.tenant) == before


def test_an_event_that_calls_for_no_mail_asks_for_none(auth: Auth, ada: Person) -> None:
    auth.runner.run_once()
    assert "UserEnrolled" in {event.type for event in auth.ports.log.read(ada.tenant)}
    assert notices(auth, ada.tenant) == {}


def test_a_right_password_with_a_wrong_code_is_told_once_a_day(auth: Auth, ada: Person) -> None:
    def miss() -> None:
        with refused_with(ErrorCode.CODE_REFUSED):
            ada.complete_login(ada.begin_login(), ada.wrong_code())

    miss()
    miss()
    auth.runner.run_once()
    (position,) = notices(auth, ada.tenant)
    mail = handlers.notice(auth.ports, tenant=ada.tenant, position=position)
    assert (mail.email, mail.subject) == (ada.email, "Your password, with a wrong code")
    assert "adas-laptop" in mail.text
    auth.clock.moment += timedelta(days=1)
    miss()
    auth.runner.run_once()
    assert len(notices(auth, ada.tenant)) == 2


def test_a_wrong_password_is_told_to_nobody(auth: Auth, ada: Person) -> None:
    ada.password = "not the password"
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        ada.begin_login()
    auth.runner.run_once()
    assert notices(auth, ada.tenant) == {}


def test_a_position_without_a_notice_is_refused(auth: Auth, ada: Person) -> None:
    about = remind(ada)
    for position in (about.position, about.position + 1000):
        with refused_with(ErrorCode.NOTICE_UNKNOWN):
            handlers.notice(auth.ports, tenant=ada.tenant, position=position)


def test_a_person_who_was_forgotten_is_told_nothing(auth: Auth, ada: Person) -> None:
    remind(ada)
    auth.runner.run_once()
    (position,) = notices(auth, ada.tenant)
    auth.ports.keyring.shred(ada.tenant, user_stream(ada.user_id))
    with refused_with(ErrorCode.KEY_SHREDDED):
        handlers.notice(auth.ports, tenant=ada.tenant, position=position)


def test_owners_hear_of_what_waits_for_a_second_person_in_another_service(auth: Auth, ada: Person) -> None:
    bob = auth.enrol(auth.invite(ada.tenant, "bob@example.org"), "bob@example.org")
    asked = PublishedEvent(
        source="invoices",
        id=new_id(),
        type="BankAccountChangeRequested",
        tenant=ada.tenant,
        stream=f"seller-{ada.tenant}",
        version=2,
        position=7,
        at="2026-11-22T09:00:00.000000Z",
    )
    for ports in (auth.ports, auth.process()):
        handlers.note_awaited(ports, asked)
    auth.runner.run_once()
    ((position, due),) = notices(auth, ada.tenant).items()
    assert due.payload["user_id"] == ada.user_id != bob.user_id
    mail = handlers.notice(auth.ports, tenant=ada.tenant, position=position)
    assert mail.subject == "An owner asked to change the bank account on your invoices"


def test_owners_hear_that_a_customers_documents_go_elsewhere_and_to_whom_not_where(auth: Auth, ada: Person) -> None:
    customer_id = new_id()
    told = PublishedEvent(
        source="invoices",
        id=new_id(),
        type="CustomerRedirected",
        tenant=ada.tenant,
        stream=f"redirects-{customer_id}",
        version=1,
        position=7,
        at="2026-11-22T09:00:00.000000Z",
    )
    for ports in (auth.ports, auth.process()):
        handlers.note_redirect(ports, told)
    auth.runner.run_once()
    ((position, due),) = notices(auth, ada.tenant).items()
    assert due.payload["user_id"] == ada.user_id
    mail = handlers.notice(auth.ports, tenant=ada.tenant, position=position)
    assert mail.subject == "A customer's documents go elsewhere from now on"
    assert f"Customer: {customer_id}\n" in mail.text
    assert "@" not in mail.text


def test_what_a_business_that_there_is_not_waits_for_is_dropped(auth: Auth) -> None:
    nobody = new_id()
    asked = PublishedEvent("invoices", new_id(), "ShreddingRequested", nobody, "shredding-1", 1, 0, "")
    handlers.note_awaited(auth.ports, asked)
    assert auth.ports.log.head(nobody).size == 0
