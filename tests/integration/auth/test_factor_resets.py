"""Inviting somebody anew: two owners, the second of whom agrees to exactly what they see, or the operator."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.commands import ApproveFactorReset, EndFactorReset, RequestFactorReset
from services.auth.domain.roles import Role
from services.auth.replies import Invited, ResetRequested
from shared.contracts.errors import ErrorCode
from shared.contracts.four_eyes import digest_of
from shared.eventstore.model import CommandId
from shared.kernel.ids import new_id
from tests.integration.auth.business import Auth, Person, command_id, refused_with
from tests.integration.auth.test_administration import colleague, disable

pytestmark = pytest.mark.integration


def request_reset(person: Person, by: Person) -> ResetRequested:
    command = RequestFactorReset(person.user_id, "lost the phone, seen in person")
    return handlers.request_factor_reset(
        person.auth.ports, command, tenant=person.tenant, by=by.user_id, command_id=command_id()
    )


def shown_of(person: Person, request_id: str) -> Mapping[str, object]:
    """Return what a second owner is shown of a request; nothing when it does not wait."""
    waiting = handlers.waiting_factor_resets(person.auth.ports, tenant=person.tenant)
    return next((each.shown for each in waiting if each.request_id == request_id), {})


def approve_reset(
    person: Person,
    request_id: str,
    by: Person,
    command: CommandId | None = None,
    shown: Mapping[str, object] | None = None,
) -> Invited:
    digest = digest_of(shown_of(person, request_id) if shown is None else shown)
    return handlers.approve_factor_reset(
        person.auth.ports,
        ApproveFactorReset(person.user_id, request_id, digest),
        tenant=person.tenant,
        by=by.user_id,
        command_id=command or command_id(),
    )


def end_reset(person: Person, request_id: str, by: Person, command: CommandId | None = None) -> int:
    return handlers.end_factor_reset(
        person.auth.ports,
        EndFactorReset(person.user_id, request_id),
        tenant=person.tenant,
        by=by.user_id,
        command_id=command or command_id(),
    )


def test_two_owners_invite_somebody_anew_and_nothing_earlier_opens(auth: Auth, ada: Person) -> None:
    olga, bob = colleague(ada, Role.OWNER, "olga"), colleague(ada)
    request = request_reset(bob, ada)
    assert bob.begin_login()  # a request changes nothing
    invited = approve_reset(bob, request.request_id, olga)
    for attempt in (bob.begin_login, lambda: bob.recover(bob.recovery_codes[0])):
        with refused_with(ErrorCode.CREDENTIALS_REFUSED):
            attempt()
    again = auth.enrol(invited, bob.email)
    assert again.user_id == bob.user_id
    assert again.complete_login(again.begin_login(), again.code())
    with refused_with(ErrorCode.CODE_REFUSED):  # the earlier factor is none any more
        again.complete_login(again.begin_login(), bob.code())


def test_the_first_invitation_does_not_open_an_account_that_is_invited_anew(auth: Auth, ada: Person) -> None:
    olga, first = colleague(ada, Role.OWNER, "olga"), auth.invite(ada.tenant, "bob@example.org")
    bob = auth.enrol(first, "bob@example.org")
    invited = approve_reset(bob, request_reset(bob, ada).request_id, olga)
    assert invited.invitation != first.invitation
    with refused_with(ErrorCode.INVITATION_INVALID):
        auth.begin_enrolment(first)


def test_who_asked_for_a_reset_cannot_agree_to_it(ada: Person) -> None:
    bob = colleague(ada)
    request = request_reset(bob, ada)
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        approve_reset(bob, request.request_id, ada)
    assert bob.begin_login()


def test_a_second_owner_agrees_to_exactly_what_they_were_shown_and_the_log_names_both(ada: Person) -> None:
    olga, bob = colleague(ada, Role.OWNER, "olga"), colleague(ada)
    request = request_reset(bob, ada)
    shown = shown_of(bob, request.request_id)
    assert shown == {
        "kind": "factor_reset",
        "request_id": request.request_id,
        "user_id": bob.user_id,
        "name": "Bob",
        "email": bob.email,
        "reason": "lost the phone, seen in person",
        "requested_by": ada.user_id,
        "expires_at": request.expires_at,
    }
    for other in ({}, {**shown, "user_id": ada.user_id}, {**shown, "reason": "another"}):
        with refused_with(ErrorCode.APPROVAL_DIFFERS):
            approve_reset(bob, request.request_id, olga, shown=other)
    approve_reset(bob, request.request_id, olga, shown=shown)
    *_, done = (event.payload for event in ada.auth.ports.log.read(ada.tenant) if event.type == "FactorsReset")
    assert (done["requested_by"], done["approved_by"]) == (ada.user_id, olga.user_id)
    assert done["digest"] == digest_of(shown)


@pytest.mark.parametrize("who", ["withdrawn", "rejected"])
def test_a_request_that_was_ended_is_not_agreed_to(ada: Person, who: str) -> None:
    olga, bob, same = colleague(ada, Role.OWNER, "olga"), colleague(ada), command_id()
    request = request_reset(bob, ada)
    shown = shown_of(bob, request.request_id)
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        end_reset(bob, new_id(), olga)
    position = end_reset(bob, request.request_id, ada if who == "withdrawn" else olga, same)
    assert end_reset(bob, request.request_id, ada if who == "withdrawn" else olga, same) == position
    assert shown_of(bob, request.request_id) == {}
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approve_reset(bob, request.request_id, olga, shown=shown)
    assert bob.begin_login()


def test_what_an_owner_asked_for_who_is_none_any_more_is_not_agreed_to(ada: Person) -> None:
    olga, bob = colleague(ada, Role.OWNER, "olga"), colleague(ada)
    request = request_reset(bob, olga)
    shown = shown_of(bob, request.request_id)
    disable(olga)
    assert shown_of(bob, request.request_id) == {}
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approve_reset(bob, request.request_id, ada, shown=shown)


def test_only_the_latest_request_is_agreed_to_and_only_for_a_week(ada: Person) -> None:
    olga, bob = colleague(ada, Role.OWNER, "olga"), colleague(ada)
    first, second = request_reset(bob, ada), request_reset(bob, ada)
    for unknown in (first.request_id, new_id()):
        with refused_with(ErrorCode.APPROVAL_UNKNOWN):
            approve_reset(bob, unknown, olga)
    shown = shown_of(bob, second.request_id)
    ada.auth.clock.moment += timedelta(days=7)
    assert shown_of(bob, second.request_id) == {}
    with refused_with(ErrorCode.APPROVAL_EXPIRED):
        approve_reset(bob, second.request_id, olga, shown=shown)


def test_a_reset_is_agreed_to_once_and_a_retry_gets_the_first_answer(ada: Person) -> None:
    olga, bob, same = colleague(ada, Role.OWNER, "olga"), colleague(ada), command_id()
    request = request_reset(bob, ada)
    first = approve_reset(bob, request.request_id, olga, same)
    assert approve_reset(bob, request.request_id, olga, same) == first
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approve_reset(bob, request.request_id, olga)


def test_a_disabled_account_is_not_invited_anew_by_owners(ada: Person) -> None:
    bob = colleague(ada)
    disable(bob)
    with refused_with(ErrorCode.USER_DISABLED):
        request_reset(bob, ada)


def test_the_operator_invites_the_only_owner_anew_and_it_shows(auth: Auth, ada: Person) -> None:
    invitation = handlers.break_glass(
        auth.ports, tenant=ada.tenant, user_id=ada.user_id, reason="identity card shown", operator="root"
    )
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        ada.begin_login()
    again = auth.enrol(Invited(ada.tenant, ada.user_id, 0, invitation))
    assert again.complete_login(again.begin_login(), again.code())
    glass = next(event for event in auth.ports.log.read(ada.tenant) if event.type == "BreakGlassUsed")
    assert glass.payload == {"operator": "root", "reason": "identity card shown"}
    assert glass.by is not None
    assert (glass.by.kind, glass.by.id) == ("service", "operator")
