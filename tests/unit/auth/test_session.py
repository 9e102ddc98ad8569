from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.auth.domain.events import LoginSucceeded, SessionBegan, SessionEnded, SessionEvent, SessionRefreshed
from services.auth.domain.login import Login, LoginState
from services.auth.domain.session import (
    IDLE_LIFETIME,
    LIFETIME,
    EndReason,
    Session,
    begin,
    end,
    fold_session,
    refresh,
    require_known,
    require_own,
)
from services.auth.domain.ticket import Ticket, TicketKind
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.unit.auth.samples import NOW

TENANT, USER, SESSION = new_id(), new_id(), new_id()
LOGIN = Login(2, LoginState.SUCCEEDED, user_id=USER, method="otp", source="laptop")


def refresh_token(number: int) -> Ticket:
    return Ticket(TicketKind.REFRESH, TENANT, SESSION, number.to_bytes(32, "big"))


def session(*events: SessionEvent) -> Session:
    folded = fold_session(SESSION, 4, [begin(LOGIN, refresh_token(0), NOW), *events])
    assert folded is not None
    return folded


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def test_a_session_says_whose_it_is_what_was_shown_and_from_where() -> None:
    began = session()
    assert (began.id, began.position, began.user_id) == (SESSION, 4, USER)
    assert (began.factors, began.source) == (("pwd", "otp"), "laptop")


def test_a_refresh_token_is_exchanged_for_the_next_one() -> None:
    refreshed = refresh(session(), refresh_token(0), refresh_token(1), NOW)
    assert isinstance(refreshed, SessionRefreshed)
    again = refresh(session(refreshed), refresh_token(1), refresh_token(2), NOW)
    assert isinstance(again, SessionRefreshed)


def test_a_spent_refresh_token_ends_the_session() -> None:
    refreshed = refresh(session(), refresh_token(0), refresh_token(1), NOW)
    assert refresh(require_known(session(refreshed), refresh_token(0)), refresh_token(0), refresh_token(2), NOW) == (
        SessionEnded(reason="reuse")
    )


@pytest.mark.parametrize(
    "shown", [refresh_token(9), Ticket(TicketKind.CHALLENGE, TENANT, SESSION, refresh_token(0).secret)]
)
def test_who_guesses_is_refused_and_ends_nothing(shown: Ticket) -> None:
    with refused_with(ErrorCode.REFRESH_INVALID):
        require_known(session(), shown)


def test_nothing_is_given_for_a_session_that_has_ended_or_never_was() -> None:
    for nothing in (session(end(EndReason.LOGOUT)), None):
        with refused_with(ErrorCode.REFRESH_INVALID):
            require_known(nothing, refresh_token(0))


def test_a_session_that_is_not_used_for_an_hour_is_over() -> None:
    assert session().over(NOW + IDLE_LIFETIME - timedelta(seconds=1)) is None
    assert session().over(NOW + IDLE_LIFETIME) is EndReason.EXPIRED
    assert refresh(session(), refresh_token(0), refresh_token(1), NOW + IDLE_LIFETIME) == SessionEnded(reason="expired")


def test_a_session_is_over_after_twelve_hours_however_busy() -> None:
    events: list[SessionEvent] = []
    now = NOW
    while now < NOW + LIFETIME:
        event = refresh(session(*events), refresh_token(len(events)), refresh_token(len(events) + 1), now)
        assert isinstance(event, SessionRefreshed), now
        events.append(event)
        now += timedelta(minutes=50)
    last = refresh_token(len(events))
    assert refresh(session(*events), last, refresh_token(99), NOW + LIFETIME) == SessionEnded(reason="expired")


def test_only_a_succeeded_login_is_worth_a_session() -> None:
    for state in set(LoginState) - {LoginState.SUCCEEDED}:
        with refused_with(ErrorCode.CHALLENGE_INVALID):
            begin(Login(1, state, user_id=USER), refresh_token(0), NOW)


def test_somebody_elses_session_looks_like_one_that_never_was() -> None:
    said = set()
    for found in (session(), None):
        with refused_with(ErrorCode.SESSION_UNKNOWN) as refused:
            require_own(found, new_id())
        said.add(str(refused.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    "events",
    [
        [SessionEnded(reason="logout")],
        [begin(LOGIN, refresh_token(0), NOW), begin(LOGIN, refresh_token(0), NOW)],
        [begin(LOGIN, refresh_token(0), NOW), end(EndReason.LOGOUT), end(EndReason.LOGOUT)],
        [begin(LOGIN, refresh_token(0), NOW), LoginSucceeded(user_id=USER, method="otp", factor_id="", step=1)],
    ],
)
def test_an_impossible_history_is_an_error(events: list[SessionEvent]) -> None:
    with pytest.raises(ValueError, match=r"cannot (follow|begin)"):
        fold_session(SESSION, 0, events)


class RefreshTokens(RuleBasedStateMachine):
    """Whatever tokens are shown in whatever order: one is good at a time, and a spent one ends everything."""

    @initialize()
    def begin(self) -> None:
        self.events: list[SessionEvent] = [begin(LOGIN, refresh_token(0), NOW)]
        self.given, self.now, self.reused = 1, NOW, False

    @rule(minutes=st.sampled_from([1, 59, 61, 60 * 11]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(back=st.integers(0, 3), which=st.sampled_from(["given", "guessed"]))
    def show(self, back: int, which: str) -> None:
        number = max(0, self.given - 1 - back) if which == "given" else self.given + 100
        folded = fold_session(SESSION, 4, self.events)
        try:
            known = require_known(folded, refresh_token(number))
        except PublicError:
            assert which == "guessed" or (folded is not None and folded.ended)
            return
        event = refresh(known, refresh_token(number), refresh_token(self.given), self.now)
        self.events.append(event)
        if isinstance(event, SessionRefreshed):
            assert number == self.given - 1
            self.given += 1
        else:
            self.reused = self.reused or number != self.given - 1

    @invariant()
    def nothing_follows_the_end(self) -> None:
        ended = [event for event in self.events if isinstance(event, SessionEnded)]
        assert ended in ([], self.events[-1:])
        assert not self.reused or ended

    @invariant()
    def no_session_outlives_its_twelve_hours(self) -> None:
        for event in self.events:
            if isinstance(event, SessionBegan | SessionRefreshed):
                assert event.idle_until <= begin(LOGIN, refresh_token(0), NOW).ends_at


TestRefreshTokens = RefreshTokens.TestCase
