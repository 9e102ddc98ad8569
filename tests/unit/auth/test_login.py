from datetime import timedelta

import pytest

from services.auth.domain.enrolment import invite
from services.auth.domain.events import AuthEvent, LoginBegun, LoginRefused, UserInvited
from services.auth.domain.login import (
    CHALLENGE_LIFETIME,
    begin,
    conclude,
    fold_login,
    require_open,
)
from services.auth.domain.proof import PROOF_LIMIT, Proved
from services.auth.domain.roles import ROLE_PERMISSIONS, SERVICE_PERMISSIONS, Role
from services.auth.domain.session import begin as begin_session
from services.auth.domain.ticket import Ticket, TicketKind
from services.auth.domain.user import User
from services.auth.domain.user_history import fold_user
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.kernel.ids import new_id
from tests.unit.auth.samples import ACCEPTED, NOW, REUSED, WRONG, enrolment_begun, enrolment_concluded

TENANT, USER, LOGIN = new_id(), new_id(), new_id()
REFRESH = Ticket(TicketKind.REFRESH, TENANT, LOGIN, b"r" * 32)
CHALLENGE = Ticket(TicketKind.CHALLENGE, TENANT, LOGIN, b"c" * 32)


def history() -> tuple[UserInvited, AuthEvent, AuthEvent]:
    ticket = Ticket(TicketKind.INVITATION, TENANT, USER, b"i" * 32)
    return (
        invite(email="a@example.org", name="A", role=Role.SALES, invitation=ticket, invited_by="x", now=NOW),
        enrolment_begun(ticket),
        enrolment_concluded(ticket, ACCEPTED),
    )


def active_user() -> User | None:
    return fold_user(history())


def begun() -> LoginBegun:
    event = begin(USER, active_user(), password_matches=True, challenge=CHALLENGE, now=NOW)
    assert isinstance(event, LoginBegun)
    return event


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def test_the_right_password_of_an_active_user_earns_a_challenge_and_no_session() -> None:
    login = fold_login([begun()])
    assert require_open(login, CHALLENGE, NOW) is login
    assert login is not None
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        begin_session(login, REFRESH, NOW)


@pytest.mark.parametrize("user", [None, fold_user(history()[:1]), fold_user(history()[:2])])
def test_the_right_password_of_anybody_else_earns_nothing(user: User | None) -> None:
    event = begin(USER, user, password_matches=True, challenge=CHALLENGE, now=NOW)
    assert isinstance(event, LoginRefused)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        require_open(fold_login([event]), CHALLENGE, NOW)


def test_a_wrong_password_is_refused() -> None:
    event = begin(USER, active_user(), password_matches=False, challenge=CHALLENGE, now=NOW)
    assert event == LoginRefused(reason="wrong_password")


def test_both_factors_earn_a_session_that_names_them() -> None:
    opened = fold_login([begun()])
    assert opened is not None
    login = fold_login([begun(), conclude(opened, ACCEPTED)])
    assert login is not None
    session = begin_session(login, REFRESH, NOW)
    assert (session.user_id, session.method) == (USER, "otp")


@pytest.mark.parametrize("check", [WRONG, REUSED])
def test_a_code_that_is_not_accepted_earns_no_session(check: Proved) -> None:
    opened = fold_login([begun()])
    assert opened is not None
    login = fold_login([begun(), conclude(opened, check)])
    assert login is not None
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        begin_session(login, REFRESH, NOW)


def test_a_challenge_bears_five_wrong_codes() -> None:
    opened = fold_login([begun()])
    assert opened is not None
    wrong = conclude(opened, WRONG)
    require_open(fold_login([begun(), *[wrong] * (PROOF_LIMIT - 1)]), CHALLENGE, NOW)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        require_open(fold_login([begun(), *[wrong] * PROOF_LIMIT]), CHALLENGE, NOW)


def test_a_challenge_is_used_once() -> None:
    opened = fold_login([begun()])
    assert opened is not None
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        require_open(fold_login([begun(), conclude(opened, ACCEPTED)]), CHALLENGE, NOW)


def test_a_challenge_ends_after_five_minutes() -> None:
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        require_open(fold_login([begun()]), CHALLENGE, NOW + CHALLENGE_LIFETIME)
    require_open(fold_login([begun()]), CHALLENGE, NOW + CHALLENGE_LIFETIME - timedelta(seconds=1))


def test_a_verdict_is_told_by_its_own_code() -> None:
    ACCEPTED.require_accepted()
    with refused_with(ErrorCode.CODE_REFUSED):
        WRONG.require_accepted()
    with refused_with(ErrorCode.CODE_REUSED):
        REUSED.require_accepted()


def test_every_role_is_given_its_permissions() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_only_the_operator_service_creates_tenants() -> None:
    assert [name for name, held in SERVICE_PERMISSIONS.items() if Permission.TENANT_CREATE in held] == ["operator"]
    assert not any(Permission.TENANT_CREATE in held for held in ROLE_PERMISSIONS.values())


def test_no_role_reaches_beyond_its_tenant() -> None:
    beyond = {Permission.TENANT_CREATE, Permission.BACKUP_RUN, Permission.BACKUP_READ}
    assert not any(beyond & held for held in ROLE_PERMISSIONS.values())


def test_only_the_auditor_exports_keys() -> None:
    assert [role for role, held in ROLE_PERMISSIONS.items() if Permission.LOG_EXPORT in held] == [Role.AUDITOR]
