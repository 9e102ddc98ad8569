"""Roles over a real database: defined, given, changed, retired, explained."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.auth import handlers
from services.auth.commands import AssignRole, DefineRole, ExplainAccess, InviteUser, RetireRole
from services.auth.domain.assignment import is_active_owner
from services.auth.handlers.people import people_of
from services.auth.history import ROLES_FOLD, roles_stream
from shared.contracts.conditions import AmountLimit, Conditions
from shared.contracts.decision import Facts, ReasonCode
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import Grant, from_claims
from shared.crypto.tokens import verify_token
from shared.eventstore.snapshots import Fold
from shared.kernel.ids import new_id
from shared.messaging.access import AUDIENCE, ISSUER
from tests.integration.auth.business import Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration

SMALL = Grant("invoice:issue", Conditions(own_customers=True, amount_up_to=AmountLimit(Decimal("500.00"), "EUR")))
READ = Grant("invoice:read")


@dataclass
class Firm:
    """Ada owns it, Bob sells."""

    auth: Auth
    ada: Person
    bob: Person

    @property
    def tenant(self) -> str:
        return self.ada.tenant

    def define(self, *grants: Grant, name: str = "Junior sales", role_id: str | None = None) -> str:
        command = DefineRole(name, grants, role_id)
        return handlers.define_role(self.auth.ports, command, tenant=self.tenant, command_id=command_id()).role_id

    def assign(self, who: Person, role: str) -> None:
        command = AssignRole(who.user_id, role)
        handlers.assign_role(self.auth.ports, command, tenant=self.tenant, by=self.ada.user_id, command_id=command_id())

    def retire(self, role_id: str) -> None:
        handlers.retire_role(self.auth.ports, RetireRole(role_id), tenant=self.tenant, command_id=command_id())

    def explain(self, who: Person, permission: str, facts: Facts | None = None) -> list[ReasonCode]:
        command = ExplainAccess(who.user_id, permission, facts or Facts())
        explained = handlers.explain_access(self.auth.ports, command, tenant=self.tenant)
        assert explained.allowed is (explained.reasons[0].code is ReasonCode.GRANTED)
        return [reason.code for reason in explained.reasons]


@pytest.fixture
def firm(auth: Auth) -> Firm:
    ada = auth.enrol(auth.found())
    return Firm(auth, ada, auth.enrol(auth.invite(ada.tenant, "bob@example.org"), "bob@example.org"))


def grants_in_token(person: Person) -> tuple[Grant, ...]:
    """What the token of a login holds."""
    token = person.complete_login(person.begin_login(), person.code())
    keys, now = {"token-1": person.auth.token_key.public}, person.auth.clock.now()
    return from_claims(verify_token(token, keys, audience=AUDIENCE, issuer=ISSUER, now=now)["grants"])


def test_a_role_of_the_businesss_own_gives_its_grants_with_their_conditions(firm: Firm) -> None:
    firm.assign(firm.bob, firm.define(READ, SMALL))
    assert grants_in_token(firm.bob) == (READ, SMALL)


def test_a_redefined_role_gives_its_new_grants(firm: Firm) -> None:
    role_id = firm.define(READ, SMALL)
    firm.assign(firm.bob, role_id)
    assert firm.define(READ, name="Readers", role_id=role_id) == role_id
    assert grants_in_token(firm.bob) == (READ,)


def test_a_retired_role_gives_nothing_and_leaves_the_account(firm: Firm) -> None:
    role_id = firm.define(READ)
    firm.assign(firm.bob, role_id)
    firm.retire(role_id)
    assert grants_in_token(firm.bob) == ()
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        firm.assign(firm.bob, role_id)


def test_a_role_of_another_business_is_unknown_here(firm: Firm) -> None:
    other = firm.auth.found(email="carol@example.org")
    command = DefineRole("Junior sales", (READ,))
    foreign = handlers.define_role(firm.auth.ports, command, tenant=other.tenant, command_id=command_id()).role_id
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        firm.assign(firm.bob, foreign)
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        firm.define(READ, SMALL, role_id=foreign)
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        firm.retire(foreign)


def test_somebody_of_another_business_is_unknown_here(firm: Firm) -> None:
    carol = firm.auth.enrol(firm.auth.found(email="carol@example.org"), "carol@example.org")
    with refused_with(ErrorCode.USER_UNKNOWN):
        firm.assign(carol, "sales")
    with refused_with(ErrorCode.USER_UNKNOWN):
        firm.explain(carol, "invoice:read")


def test_people_can_be_invited_into_a_role_of_the_businesss_own(firm: Firm) -> None:
    role_id = firm.define(READ)
    dora = firm.auth.enrol(firm.auth.invite(firm.tenant, "dora@example.org", role_id), "dora@example.org")
    assert grants_in_token(dora) == (READ,)
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        firm.auth.invite(firm.tenant, "eve@example.org", new_id())


def test_a_retried_command_gets_the_first_answer(firm: Firm) -> None:
    ports, tenant = firm.auth.ports, firm.tenant
    once, again = command_id(), command_id()
    defined = handlers.define_role(ports, DefineRole("Clerks", (READ,)), tenant=tenant, command_id=once)
    assert handlers.define_role(ports, DefineRole("Clerks", (READ,)), tenant=tenant, command_id=once) == defined
    give = AssignRole(firm.bob.user_id, defined.role_id)
    given = handlers.assign_role(ports, give, tenant=tenant, by=firm.ada.user_id, command_id=again)
    firm.retire(defined.role_id)
    assert handlers.assign_role(ports, give, tenant=tenant, by=firm.ada.user_id, command_id=again) == given


def test_of_two_owners_who_step_down_at_once_one_stays(firm: Firm) -> None:
    auth = firm.auth
    dora = auth.enrol(auth.invite(firm.tenant, "dora@example.org"), "dora@example.org")
    auth.make_owner(firm.ada, dora)

    def step_down(person: Person) -> ErrorCode | None:
        command = AssignRole(person.user_id, "sales")
        try:
            handlers.assign_role(
                auth.process(), command, tenant=firm.tenant, by=person.user_id, command_id=command_id()
            )
        except PublicError as refused:
            return refused.code
        return None

    with ThreadPoolExecutor(2) as both:
        assert set(both.map(step_down, [firm.ada, dora])) == {None, ErrorCode.LAST_OWNER}
    assert len([user for user in people_of(auth.ports, firm.tenant).values() if is_active_owner(user)]) == 1


def test_of_two_roles_that_want_one_name_at_once_one_gets_it(firm: Firm) -> None:
    def define(_: int) -> ErrorCode | None:
        try:
            command = DefineRole("Clerks", (READ,))
            handlers.define_role(firm.auth.process(), command, tenant=firm.tenant, command_id=command_id())
        except PublicError as refused:
            return refused.code
        return None

    with ThreadPoolExecutor(3) as together:
        outcomes = list(together.map(define, range(3)))
    assert (outcomes.count(None), outcomes.count(ErrorCode.ROLE_NAME_TAKEN)) == (1, 2)


def test_an_explanation_is_what_the_decision_would_be(firm: Firm) -> None:
    firm.assign(firm.bob, firm.define(SMALL))
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    own = Facts(now=at, registered_by=firm.bob.user_id, amount=Decimal("500.00"), currency="EUR")
    assert firm.explain(firm.bob, "invoice:issue", own) == [ReasonCode.GRANTED]
    foreign = Facts(now=at, registered_by=firm.ada.user_id, amount=Decimal("500.01"), currency="EUR")
    assert firm.explain(firm.bob, "invoice:issue", foreign) == [
        ReasonCode.NOT_OWN_CUSTOMER, ReasonCode.AMOUNT_ABOVE_LIMIT,
    ]  # fmt: skip
    assert firm.explain(firm.bob, "invoice:issue") == [ReasonCode.CONDITION_NOT_JUDGED] * 2
    assert firm.explain(firm.bob, "invoice:read") == [ReasonCode.NO_GRANT]
    assert firm.explain(firm.ada, "invoice:read") == [ReasonCode.GRANTED]


def test_somebody_who_has_not_enrolled_may_do_nothing(firm: Firm) -> None:
    invited = firm.auth.invite(firm.tenant, "dora@example.org")
    command = ExplainAccess(invited.user_id, "invoice:read", Facts())
    explained = handlers.explain_access(firm.auth.ports, command, tenant=firm.tenant)
    assert not explained.allowed
    assert [reason.code for reason in explained.reasons] == [ReasonCode.ACCOUNT_NOT_ACTIVE]


def test_people_are_listed_with_their_roles(firm: Firm) -> None:
    role_id = firm.define(READ)
    firm.assign(firm.bob, role_id)
    listed = handlers.list_users(firm.auth.ports, tenant=firm.tenant)
    assert [(each.name, each.role, each.role_name, each.state, each.factors) for each in listed] == [
        ("Ada", "owner", "owner", "active", ["totp"]),
        ("Bob", role_id, "Junior sales", "active", ["totp"]),
    ]


def test_roles_folded_from_a_snapshot_are_those_of_the_log(firm: Firm) -> None:
    for number in range(5):  # a snapshot is made after three
        firm.define(READ, SMALL, name=f"Role {number}")
    firm.retire(handlers.list_roles(firm.auth.ports, tenant=firm.tenant)[0].id)
    stream = roles_stream(firm.tenant)
    from_snapshot, _ = firm.auth.ports.snapshots.load(firm.tenant, stream, ROLES_FOLD)
    again, _ = firm.auth.ports.snapshots.load(firm.tenant, stream, ROLES_FOLD)
    from_log = ROLES_FOLD.over(ROLES_FOLD.empty, firm.auth.ports.log.load(firm.tenant, stream))
    assert from_snapshot == again == from_log
    assert [role.name for role in handlers.list_roles(firm.auth.ports, tenant=firm.tenant)] == [
        f"Role {number}" for number in range(1, 5)
    ]


def test_inviting_into_a_role_that_is_retired_at_the_same_moment_leaves_nobody_in_it(firm: Firm) -> None:
    role_id = firm.define(READ)
    book = firm.auth.ports.snapshots

    class Retiring:
        """Retires the role right after it was looked at, once."""

        def __init__(self) -> None:
            self.done = False

        def load(self, tenant: str, stream: str, fold: Fold[Any]) -> tuple[Any, int]:
            found = book.load(tenant, stream, fold)
            if stream == roles_stream(tenant) and not self.done:
                self.done = True
                firm.retire(role_id)
            return found

    ports = replace(firm.auth.ports, snapshots=Retiring())  # type: ignore[arg-type]  # it has what is asked of it
    command = InviteUser(email="dora@example.org", name="Dora", role=role_id)
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        handlers.invite_user(ports, command, tenant=firm.tenant, by=firm.ada.user_id, command_id=command_id())
