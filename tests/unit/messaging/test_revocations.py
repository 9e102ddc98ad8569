import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.revocations import RecentRevocations, Revoked, Subject
from shared.messaging.revocations import DEAF_AFTER, Bearer, NothingRevoked, Revocations

ACME, OTHER = "019aa0e5-0000-7000-8000-000000000001", "019aa0e5-0000-7000-8000-000000000002"
ADA = Bearer(ACME, "session-of-ada", "ada", "owner", 10)


class Heard:
    """auth as the test sets it, and a clock."""

    def __init__(self, *revoked: Revoked, undecided: tuple[str, ...] = ()) -> None:
        self.recent, self.now, self.away = RecentRevocations(revoked, undecided), 100.0, False
        self.revocations = Revocations(self.ask, lambda: self.now)

    def ask(self, after: Subject | None) -> RecentRevocations:
        assert after is None
        if self.away:
            raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, "auth is away")
        return self.recent

    def verdict(self, bearer: Bearer = ADA) -> ErrorCode | None:
        try:
            self.revocations.require_standing(bearer)
        except PublicError as refusal:
            return refusal.code
        return None


def heard(*revoked: Revoked, undecided: tuple[str, ...] = ()) -> Heard:
    heard = Heard(*revoked, undecided=undecided)
    heard.revocations.look()
    return heard


@pytest.mark.parametrize(
    ("kind", "subject"), [("session", "session-of-ada"), ("user", "ada"), ("role", "owner"), ("tenant", ACME)]
)
def test_a_token_is_refused_when_its_session_user_role_or_tenant_was_revoked_after_it(kind: str, subject: str) -> None:
    assert heard(Revoked(ACME, kind, subject, 10)).verdict() is ErrorCode.TOKEN_REVOKED
    assert heard(Revoked(ACME, kind, subject, 9)).verdict() is None
    assert heard(Revoked(ACME, kind, subject + "x", 10)).verdict() is None
    assert heard(Revoked(OTHER, kind, subject, 10)).verdict() is None


@given(position=st.integers(0, 50), known=st.integers(0, 50))
def test_the_place_in_the_log_decides_and_nothing_else(position: int, known: int) -> None:
    verdict = heard(Revoked(ACME, "user", "ada", position)).verdict(replace(ADA, position=known))
    assert verdict == (None if position < known else ErrorCode.TOKEN_REVOKED)


def test_what_an_answer_no_longer_names_is_forgotten() -> None:
    auth = heard(Revoked(ACME, "user", "ada", 10))
    auth.recent = RecentRevocations()
    auth.revocations.look()
    assert auth.verdict() is None


@given(count=st.integers(0, 7), size=st.integers(1, 3))
def test_what_does_not_fit_on_a_page_is_on_the_next(count: int, size: int) -> None:
    revoked = [Revoked(ACME, "user", f"user-{number}", 10) for number in range(count)]

    def page(after: Subject | None) -> RecentRevocations:
        rest = [each for each in revoked if after is None or each.subject > after.subject]
        return RecentRevocations(rest[:size], (OTHER,) if after is None else (), more=len(rest) > size)

    auth = Heard()
    auth.revocations = Revocations(page, lambda: auth.now)
    auth.revocations.look()
    for each in revoked:
        assert auth.verdict(replace(ADA, user=each.subject)) is ErrorCode.TOKEN_REVOKED
    assert auth.verdict() is None
    assert auth.verdict(replace(ADA, tenant=OTHER)) is ErrorCode.SERVICE_UNAVAILABLE


def test_a_look_that_breaks_off_between_pages_takes_nothing_back() -> None:
    auth = heard(Revoked(ACME, "user", "ada", 10))

    def broken(after: Subject | None) -> RecentRevocations:
        if after is None:
            return RecentRevocations([Revoked(ACME, "session", "a session", 10)], more=True)
        raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, "auth is away")

    auth.revocations._ask = broken
    with pytest.raises(PublicError):
        auth.revocations.look()
    assert auth.verdict() is ErrorCode.TOKEN_REVOKED


def test_who_has_not_heard_for_too_long_refuses_everybody_until_the_next_answer() -> None:
    auth = heard()
    auth.now += DEAF_AFTER
    assert auth.verdict() is None
    auth.now += 0.1
    assert auth.verdict() is ErrorCode.SERVICE_UNAVAILABLE
    auth.revocations.look()
    assert auth.verdict() is None


def test_an_answer_counts_from_when_it_was_asked_for() -> None:
    auth = Heard()

    def slow(_: Subject | None) -> RecentRevocations:
        auth.now += DEAF_AFTER + 1
        return RecentRevocations()

    auth.revocations = Revocations(slow, lambda: auth.now)
    auth.revocations.look()
    assert auth.verdict() is ErrorCode.SERVICE_UNAVAILABLE


def test_a_call_right_after_the_start_waits_for_the_first_answer() -> None:
    auth = Heard(Revoked(ACME, "user", "ada", 10))
    verdicts: list[ErrorCode | None] = []
    call = threading.Thread(target=lambda: verdicts.append(auth.verdict()))
    call.start()
    auth.revocations.look()
    call.join()
    assert verdicts == [ErrorCode.TOKEN_REVOKED]


def test_who_never_heard_refuses_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.messaging.revocations._FIRST_ANSWER", 0.0)
    assert Heard().verdict() is ErrorCode.SERVICE_UNAVAILABLE


def test_where_auth_cannot_tell_about_a_tenant_its_tokens_are_refused_and_no_others() -> None:
    auth = heard(undecided=(ACME,))
    assert auth.verdict() is ErrorCode.SERVICE_UNAVAILABLE
    assert auth.verdict(replace(ADA, tenant=OTHER)) is None


def test_following_survives_that_auth_is_away() -> None:
    auth = Heard(Revoked(ACME, "user", "ada", 10))
    auth.away = True
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        auth.away = False

    auth.revocations.follow(lambda: len(pauses) == 2, pause)
    assert auth.verdict() is ErrorCode.TOKEN_REVOKED


def test_a_service_that_is_tested_alone_refuses_nobody() -> None:
    nothing, pauses = NothingRevoked(), list[float]()
    nothing.follow(lambda: len(pauses) == 2, pauses.append)
    nothing.require_standing(ADA)
