"""The cache of unwrapped keys: bounded in number and in time."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.crypto.cache import ExpiringCache
from shared.kernel.clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def cache(clock: FixedClock) -> ExpiringCache[str, int]:
    return ExpiringCache(clock, capacity=2, lifetime=timedelta(seconds=10))


def test_what_is_put_is_got(cache: ExpiringCache[str, int]) -> None:
    cache.put("a", 1)
    assert cache.get("a") == 1
    assert cache.get("b") is None


def test_an_entry_expires_however_often_it_is_read(cache: ExpiringCache[str, int], clock: FixedClock) -> None:
    cache.put("a", 1)
    clock.moment += timedelta(seconds=9)
    assert cache.get("a") == 1
    clock.moment += timedelta(seconds=1)
    assert cache.get("a") is None
    assert len(cache) == 0


def test_the_least_recently_used_entry_makes_room(cache: ExpiringCache[str, int]) -> None:
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    assert len(cache) == 2


def test_what_is_doomed_is_dropped_and_nothing_else(cache: ExpiringCache[str, int]) -> None:
    cache.put("a", 1)
    cache.put("b", 2)
    cache.drop(lambda key: key == "a")
    assert (cache.get("a"), cache.get("b")) == (None, 2)
