from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.domain.enrolment import invite, require_enrolling, require_invited
from services.auth.domain.events import (
    AuthEvent,
    EnrolmentBegun,
    EnrolmentProofRefused,
    LoginBegun,
    UserEnrolled,
    UserInvited,
)
from services.auth.domain.identity import address_key
from services.auth.domain.proof import PROOF_LIMIT, Proved
from services.auth.domain.roles import Role
from services.auth.domain.tenant import fold_tenant
from services.auth.domain.ticket import Ticket, TicketKind
from services.auth.domain.user import UserState
from services.auth.domain.user_history import fold_user
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.unit.auth.samples import ACCEPTED, NOW, WRONG, enrolment_begun, enrolment_concluded, offer

TENANT, USER = new_id(), new_id()
INVITATION = Ticket(TicketKind.INVITATION, TENANT, USER, b"i" * 32)
ENROLMENT = Ticket(TicketKind.ENROLMENT, TENANT, USER, b"e" * 32)


def invited() -> UserInvited:
    return invite(
        email="ada@example.org",
        name="Ada",
        role=Role.OWNER,
        invitation=INVITATION,
        invited_by="operator",
        now=NOW,
    )


def begun() -> EnrolmentBegun:
    return enrolment_begun(ENROLMENT)


def concluded(proved: Proved) -> UserEnrolled | EnrolmentProofRefused:
    return enrolment_concluded(ENROLMENT, proved)


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def test_an_invited_user_has_no_password_to_show() -> None:
    user = fold_user([invited()])
    assert user is not None
    assert user.state is UserState.INVITED
    assert user.password_hash == ""


def test_a_password_alone_leaves_the_user_enrolling() -> None:
    user = fold_user([invited(), begun()])
    assert user is not None
    assert user.state is UserState.ENROLLING


def test_an_accepted_code_makes_the_user_active() -> None:
    user = fold_user([invited(), begun(), concluded(ACCEPTED)])
    assert user is not None
    assert user.state is UserState.ACTIVE


def test_a_wrong_code_does_not_make_the_user_active() -> None:
    user = fold_user([invited(), begun(), concluded(WRONG)])
    assert user is not None
    assert user.state is UserState.ENROLLING


@pytest.mark.parametrize(
    "history",
    [
        [concluded(ACCEPTED)],
        [begun()],
        [invited(), concluded(ACCEPTED)],
        [invited(), EnrolmentProofRefused(reason="wrong")],
        [invited(), invited()],
        [invited(), begun(), concluded(ACCEPTED), begun()],
        [LoginBegun(user_id=USER, challenge_hash="", expires_at="")],
    ],
)
def test_an_impossible_history_does_not_fold(history: list[AuthEvent]) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        fold_user(history)


def test_an_invitation_may_be_opened_again_until_the_account_is_active() -> None:
    history: list[AuthEvent] = [invited(), begun()]
    assert require_invited(fold_user(history), INVITATION, NOW).state is UserState.ENROLLING
    history.append(concluded(ACCEPTED))
    with refused_with(ErrorCode.INVITATION_INVALID):
        require_invited(fold_user(history), INVITATION, NOW)


@pytest.mark.parametrize(
    ("invitation", "moment"),
    [
        (INVITATION, NOW + timedelta(days=7)),
        (Ticket(TicketKind.INVITATION, TENANT, USER, b"x" * 32), NOW),
        (Ticket(TicketKind.ENROLMENT, TENANT, USER, b"i" * 32), NOW),
        (Ticket(TicketKind.INVITATION, new_id(), USER, b"i" * 32), NOW),
    ],
    ids=["expired", "other secret", "other kind", "other tenant"],
)
def test_another_or_an_expired_invitation_opens_nothing(invitation: Ticket, moment: datetime) -> None:
    with refused_with(ErrorCode.INVITATION_INVALID):
        require_invited(fold_user([invited()]), invitation, moment)


def test_nobody_was_invited_by_an_invitation_to_an_unknown_user() -> None:
    with refused_with(ErrorCode.INVITATION_INVALID):
        require_invited(None, INVITATION, NOW)


def test_an_enrolment_ends_after_a_quarter_of_an_hour() -> None:
    user = fold_user([invited(), begun()])
    assert require_enrolling(user, ENROLMENT, NOW + timedelta(minutes=14, seconds=59)) == (user, offer(ENROLMENT))
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        require_enrolling(user, ENROLMENT, NOW + timedelta(minutes=15))


def test_an_enrolment_bears_five_wrong_codes() -> None:
    history: list[AuthEvent] = [invited(), begun(), *[concluded(WRONG)] * (PROOF_LIMIT - 1)]
    require_enrolling(fold_user(history), ENROLMENT, NOW)
    history.append(concluded(WRONG))
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        require_enrolling(fold_user(history), ENROLMENT, NOW)


def test_an_enrolment_is_used_once() -> None:
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        require_enrolling(fold_user([invited(), begun(), concluded(ACCEPTED)]), ENROLMENT, NOW)


@given(secret=st.binary(min_size=32, max_size=32), tenant=st.uuids(), subject=st.uuids())
def test_a_ticket_reads_back_from_its_text(secret: bytes, tenant: object, subject: object) -> None:
    ticket = Ticket(TicketKind.CHALLENGE, str(tenant), str(subject), secret)
    assert Ticket.read(TicketKind.CHALLENGE, ticket.text()) == ticket


@given(st.text())
def test_what_is_not_a_ticket_is_refused(text: str) -> None:
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        Ticket.read(TicketKind.CHALLENGE, text)


def test_an_address_has_one_spelling() -> None:
    assert address_key(" Ada@Example.ORG ") == address_key("ada@example.org")


def test_an_address_is_claimed_once() -> None:
    claim = fold_tenant([]).claim("a1", USER)
    assert fold_tenant([claim]).claim("a2", USER).address_index == "a2"
    with refused_with(ErrorCode.USER_EXISTS):
        fold_tenant([claim]).claim("a1", new_id())
