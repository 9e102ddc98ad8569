"""Roles of a business's own: what they may give, and who may be given them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.auth.domain.assignment import assign, assign_approved
from services.auth.domain.events import RoleAssigned, RoleRetired
from services.auth.domain.own_roles import GIVABLE, RoleBook, fold_roles, read_grants, roles_after
from services.auth.domain.roles import ROLE_PERMISSIONS, SERVICE_PERMISSIONS, Role
from services.auth.domain.user import User, UserState
from shared.contracts.conditions import AmountLimit, Conditions, Hours
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import Grant, plain, to_claims
from shared.contracts.permissions import Permission
from shared.contracts.roles import BUILT_IN_ROLES
from shared.kernel.ids import new_id

ADA, BOB = new_id(), new_id()
SMALL = Conditions(amount_up_to=AmountLimit(Decimal("1000.00"), "EUR"))
JUNIOR = (Grant("invoice:read", Conditions(own_customers=True)), Grant("invoice:issue", SMALL))


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def book_with(name: str = "Junior sales", grants: Sequence[Grant] = JUNIOR) -> tuple[RoleBook, str]:
    role_id = new_id()
    return fold_roles([RoleBook().define(role_id, name, grants, new=True)]), role_id


def user(role: str, state: UserState = UserState.ACTIVE) -> User:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    return User(1, state, "Ada", "ada@example.org", role, invitation_hash="", invitation_ends=moment)


def test_a_role_gives_what_it_was_defined_with() -> None:
    book, role_id = book_with()
    assert book.grants_of(role_id) == JUNIOR
    assert book.name_of(role_id) == "Junior sales"


def test_a_built_in_role_gives_what_it_always_gave() -> None:
    for role in Role:
        assert RoleBook().grants_of(role.value) == plain(ROLE_PERMISSIONS[role])


def test_an_unknown_role_gives_nothing() -> None:
    assert RoleBook().grants_of(new_id()) == ()
    assert RoleBook().grants_of("administrator") == ()


def test_a_retired_role_gives_nothing_and_is_given_to_nobody() -> None:
    book, role_id = book_with()
    book = roles_after(book, book.retire(role_id))
    assert book.grants_of(role_id) == ()
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        book.require(role_id)
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        book.retire(role_id)
    with refused_with(ErrorCode.ROLE_UNKNOWN):
        book.define(role_id, "Back again", JUNIOR, new=False)
    assert book.define(new_id(), "junior SALES", (), new=True).name == "junior SALES"


def test_the_last_definition_counts() -> None:
    book, role_id = book_with()
    book = roles_after(book, book.define(role_id, "Juniors", plain(["invoice:read"]), new=False))
    assert book.grants_of(role_id) == plain(["invoice:read"])
    assert book.name_of(role_id) == "Juniors"
    assert book.version == 2


@pytest.mark.parametrize("name", ["Junior sales", "JUNIOR SALES", *BUILT_IN_ROLES, "Owner"])
def test_no_two_roles_have_one_name(name: str) -> None:
    book, _ = book_with()
    with refused_with(ErrorCode.ROLE_NAME_TAKEN):
        book.define(new_id(), name, JUNIOR, new=True)


@pytest.mark.parametrize("permission", sorted(set(Permission) - set(GIVABLE)))
def test_what_is_not_an_owners_to_give_is_in_no_role_of_their_own(permission: Permission) -> None:
    with refused_with(ErrorCode.GRANT_NOT_GIVABLE):
        RoleBook().define(new_id(), "Too much", plain([permission]), new=True)


def test_services_and_owners_keep_their_permissions_to_themselves() -> None:
    of_services = set().union(*SERVICE_PERMISSIONS.values()) - {Permission.DOCUMENT_READ, Permission.QUOTE_READ}
    over_people = {Permission.USER_INVITE, Permission.ROLE_DEFINE, Permission.ROLE_ASSIGN, Permission.TENANT_CONFIGURE}
    assert not set(GIVABLE) & (of_services | over_people | {Permission.LOG_EXPORT, Permission.DOCUMENT_EXPORT})
    assert set(GIVABLE) <= ROLE_PERMISSIONS[Role.OWNER]


@pytest.mark.parametrize(
    "grant",
    [
        Grant("delivery:read", Conditions(own_customers=True)),
        Grant("invoice:read", SMALL),
        Grant("invoice:issue", Conditions(states=("draft",))),
        Grant("invoice:unheard_of"),
    ],
)
def test_a_condition_that_nobody_judges_cannot_be_defined(grant: Grant) -> None:
    with refused_with(ErrorCode.GRANT_NOT_GIVABLE):
        RoleBook().define(new_id(), "Unjudged", (grant,), new=True)


@pytest.mark.parametrize("permission", GIVABLE)
def test_hours_and_training_limit_any_permission(permission: Permission) -> None:
    conditions = Conditions(hours=Hours((1,), "08:00", "18:00", "Europe/Berlin"), training_current=True)
    grant = Grant(permission, conditions)
    book = fold_roles([RoleBook().define("o", "Office", (grant,), new=True)])
    assert book.grants_of("o") == (grant,)


def test_grants_of_a_request_that_are_none_are_refused() -> None:
    assert read_grants(to_claims(JUNIOR)) == JUNIOR
    with refused_with(ErrorCode.GRANT_NOT_GIVABLE):
        read_grants([["invoice:read", {"unheard_of": True}]])


def test_a_history_that_cannot_have_happened_is_refused() -> None:
    with pytest.raises(ValueError, match="RoleRetired cannot follow"):
        fold_roles([RoleRetired(new_id())])


def test_nobody_becomes_an_owner_by_one_hand() -> None:
    people = {ADA: user("owner"), BOB: user("sales")}
    with refused_with(ErrorCode.APPROVAL_NEEDED):
        assign(BOB, "owner", people, by=ADA)
    assert assign_approved(BOB, "owner", people, by=ADA) == RoleAssigned("owner", ADA)


@pytest.mark.parametrize("state", [UserState.INVITED, UserState.ENROLLING])
def test_the_last_active_owner_stays_one(state: UserState) -> None:
    with refused_with(ErrorCode.LAST_OWNER):
        assign(ADA, "sales", {ADA: user("owner"), BOB: user("owner", state)}, by=ADA)
    assert assign(ADA, "sales", {ADA: user("owner"), BOB: user("owner")}, by=BOB) == RoleAssigned("sales", BOB)


def test_a_stranger_is_given_nothing() -> None:
    for role in ("sales", "owner"):
        with refused_with(ErrorCode.USER_UNKNOWN):
            assign(BOB, role, {ADA: user("owner")}, by=ADA)
