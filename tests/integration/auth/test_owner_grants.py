"""Nobody makes an owner alone: not by inviting, not by assigning, not twice under two names."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from services.auth import handlers
from services.auth.commands import ApproveOwnerGrant, AssignRole, EndOwnerGrant, InviteUser, RequestOwnerGrant
from services.auth.domain.roles import Role
from services.auth.history import load_user
from services.auth.ports import Ports
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import Approvable, digest_of
from shared.kernel.ids import new_id
from tests.integration.auth.business import Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration


@dataclass
class Firm:
    """Ada owns it, Bob sells, Cleo keeps the books."""

    auth: Auth
    ada: Person
    bob: Person
    cleo: Person

    def request(self, who: Person, by: Person) -> Approvable:
        handlers.request_owner_grant(
            self.auth.ports, RequestOwnerGrant(who.user_id), tenant=by.tenant, by=by.user_id, command_id=command_id()
        )
        return next(each for each in self.waiting() if each.shown["user_id"] == who.user_id)

    def waiting(self) -> list[Approvable]:
        return handlers.waiting_owner_grants(self.auth.ports, tenant=self.ada.tenant)

    def approve(self, shown: Approvable, by: str, ports: Ports | None = None, **changes: Any) -> None:  # noqa: ANN401 -- as the command's
        agreed = replace(ApproveOwnerGrant(shown.request_id, digest_of(shown.shown)), **changes)
        handlers.approve_owner_grant(
            ports or self.auth.ports, agreed, tenant=self.ada.tenant, by=by, command_id=command_id()
        )

    def end(self, shown: Approvable, by: Person) -> None:
        handlers.end_owner_grant(
            self.auth.ports,
            EndOwnerGrant(shown.request_id),
            tenant=by.tenant,
            by=by.user_id,
            command_id=command_id(),
        )

    def role_of(self, who: Person) -> str:
        user = load_user(self.auth.ports.log, who.tenant, who.user_id)
        assert user is not None
        return user.role


@pytest.fixture
def firm(auth: Auth) -> Firm:
    ada = auth.enrol(auth.found())
    bob = auth.enrol(auth.invite(ada.tenant, "bob@example.org"), "bob@example.org")
    cleo = auth.enrol(auth.invite(ada.tenant, "cleo@example.org", Role.BOOKKEEPER), "cleo@example.org")
    return Firm(auth, ada, bob, cleo)


def test_nobody_invites_or_appoints_an_owner_alone(firm: Firm) -> None:
    invite = InviteUser(email="eve@example.org", name="Eve", role=Role.OWNER)
    with refused_with(ErrorCode.APPROVAL_NEEDED):
        handlers.invite_user(
            firm.auth.ports, invite, tenant=firm.ada.tenant, by=firm.ada.user_id, command_id=command_id()
        )
    with refused_with(ErrorCode.APPROVAL_NEEDED):
        handlers.assign_role(
            firm.auth.ports,
            AssignRole(firm.bob.user_id, "owner"),
            tenant=firm.ada.tenant,
            by=firm.ada.user_id,
            command_id=command_id(),
        )


def test_the_operator_agrees_to_a_second_owner_and_to_no_third(firm: Firm) -> None:
    firm.approve(firm.request(firm.bob, firm.ada), by="operator")
    assert firm.role_of(firm.bob) == Role.OWNER
    shown = firm.request(firm.cleo, firm.ada)
    with refused_with(ErrorCode.PERMISSION_DENIED):
        firm.approve(shown, by="operator")
    firm.approve(shown, by=firm.bob.user_id)
    assert firm.role_of(firm.cleo) == Role.OWNER


def test_both_people_and_what_they_saw_stand_in_the_log(firm: Firm) -> None:
    shown = firm.request(firm.bob, firm.ada)
    assert {name: shown.shown[name] for name in ("user_id", "name", "email", "requested_by")} == {
        "user_id": firm.bob.user_id,
        "name": "Bob",
        "email": "bob@example.org",
        "requested_by": firm.ada.user_id,
    }
    firm.approve(shown, by="operator")
    log = firm.auth.ports.log
    granted, assigned = list(log.read(firm.ada.tenant, 0, 1000))[-2:]
    assert (granted.type, assigned.type) == ("OwnerGranted", "RoleAssigned")
    assert granted.payload["requested_by"] == firm.ada.user_id
    assert granted.payload["approved_by"] == assigned.payload["assigned_by"] == "operator"
    assert granted.payload["digest"] == digest_of(shown.shown)


def test_who_asked_does_not_agree_in_any_session_or_under_a_new_invitation(firm: Firm) -> None:
    shown = firm.request(firm.bob, firm.ada)
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        firm.approve(shown, by=firm.ada.user_id)
    for spelling in ("ada@example.org", " ADA@Example.org"):
        with refused_with(ErrorCode.USER_EXISTS):
            firm.auth.invite(firm.ada.tenant, spelling)
    assert firm.role_of(firm.bob) == Role.SALES


def test_nobody_agrees_to_what_they_did_not_see(firm: Firm) -> None:
    harmless, other = firm.request(firm.bob, firm.ada), firm.request(firm.cleo, firm.ada)
    with refused_with(ErrorCode.APPROVAL_DIFFERS):
        firm.approve(harmless, by="operator", request_id=other.request_id)
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        firm.approve(harmless, by="operator", request_id=new_id())


def test_a_newer_request_for_the_same_person_takes_the_place_of_the_first(firm: Firm) -> None:
    first = firm.request(firm.bob, firm.ada)
    firm.request(firm.bob, firm.ada)
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        firm.approve(first, by="operator")


def test_a_request_waits_for_a_week(firm: Firm) -> None:
    shown = firm.request(firm.bob, firm.ada)
    firm.auth.clock.moment += timedelta(days=7)
    assert firm.waiting() == []
    with refused_with(ErrorCode.APPROVAL_EXPIRED):
        firm.approve(shown, by="operator")


def test_what_is_withdrawn_or_rejected_is_not_approved(firm: Firm) -> None:
    shown = firm.request(firm.bob, firm.ada)
    firm.end(shown, firm.ada)
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        firm.approve(shown, by="operator")
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        firm.end(shown, firm.ada)


def test_what_somebody_asked_who_is_no_owner_any_more_takes_no_effect(firm: Firm) -> None:
    firm.approve(firm.request(firm.bob, firm.ada), by="operator")
    shown = firm.request(firm.cleo, firm.bob)
    handlers.assign_role(
        firm.auth.ports,
        AssignRole(firm.bob.user_id, "sales"),
        tenant=firm.ada.tenant,
        by=firm.ada.user_id,
        command_id=command_id(),
    )
    assert firm.waiting() == []
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        firm.approve(shown, by=firm.ada.user_id)


def test_only_who_has_enrolled_and_is_no_owner_is_asked_for(firm: Firm) -> None:
    invited = firm.auth.invite(firm.ada.tenant, "dora@example.org")
    for user_id, code in (
        (invited.user_id, ErrorCode.ACCOUNT_NOT_ACTIVE),
        (firm.ada.user_id, ErrorCode.ALREADY_OWNER),
        (new_id(), ErrorCode.USER_UNKNOWN),
    ):
        with refused_with(code):
            firm.request(replace(firm.bob, user_id=user_id), firm.ada)


def test_another_business_has_nothing_to_do_with_it(firm: Firm) -> None:
    shown = firm.request(firm.bob, firm.ada)
    eve = firm.auth.enrol(firm.auth.found("Evil", "eve@example.org"), "eve@example.org")
    assert handlers.waiting_owner_grants(firm.auth.ports, tenant=eve.tenant) == []
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        replace(firm, ada=eve).approve(shown, by=eve.user_id)
    with refused_with(ErrorCode.USER_UNKNOWN):
        firm.request(firm.bob, eve)


def test_of_approvals_that_race_one_is_carried_out(firm: Firm) -> None:
    firm.approve(firm.request(firm.bob, firm.ada), by="operator")
    shown = firm.request(firm.cleo, firm.ada)

    def approve(_: int) -> str:
        try:
            firm.approve(shown, by=firm.bob.user_id, ports=firm.auth.process())
        except PublicError as refused:
            return refused.code.value
        return "granted"

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(approve, range(3))) == ["approval_unknown"] * 2 + ["granted"]
