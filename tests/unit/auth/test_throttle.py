from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.throttle import (
    ACCOUNT_DELAYS,
    LOCK_AFTER,
    LOCK_LIFETIME,
    SOURCE_DELAYS,
    Closed,
    too_many_attempts,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_three_failures_are_free_then_delays_double_up_to_a_quarter_of_an_hour() -> None:
    seconds = [delay.total_seconds() for delay in ACCOUNT_DELAYS]
    assert seconds[:6] == [0, 0, 0, 1, 2, 4]
    assert seconds[12:-1] == [512, *[900] * 6]


def test_the_twentieth_failure_in_a_row_locks_for_a_day() -> None:
    assert len(ACCOUNT_DELAYS) == LOCK_AFTER == 20
    assert ACCOUNT_DELAYS[-1] == LOCK_LIFETIME == timedelta(days=1)


def test_a_source_is_slowed_down_later_and_never_for_more_than_a_minute() -> None:
    assert [delay.total_seconds() for delay in SOURCE_DELAYS[:33]] == [0] * 30 + [1, 2, 4]
    assert max(SOURCE_DELAYS) == SOURCE_DELAYS[-1] == timedelta(minutes=1)


@pytest.mark.parametrize(("milliseconds", "told"), [(-5, 1), (0, 1), (1, 1), (1001, 2), (900_000, 900)])
def test_who_waits_as_long_as_told_finds_it_open(milliseconds: int, told: int) -> None:
    refusal = too_many_attempts(Closed(NOW + timedelta(milliseconds=milliseconds)), NOW)
    assert refusal.details == {"retry_after": told}
