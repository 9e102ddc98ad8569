"""Several processes run the same projection; one works, and when it is killed another takes over."""

import pytest

from shared.eventstore.following import BATCH
from tests.integration.eventstore.ledger import Ledger, Totals, process, running
from tests.stack import Database

pytestmark = pytest.mark.integration
FOR_EVER = 10**9


@pytest.fixture
def it(invoices: Database) -> Ledger:
    return Ledger.in_new(invoices)


@pytest.mark.parametrize("place", [1, 7, BATCH + 5])
def test_when_the_active_process_is_killed_in_mid_batch_another_goes_on_without_skipping_or_doubling(
    it: Ledger, place: int
) -> None:
    it.add([1] * (BATCH + 10))
    with process(it.database, "follow", "wait", place) as active:
        assert active.stdout is not None
        assert active.stdout.readline() == "in the middle of a batch\n"
        committed = it.totals()
        assert committed == ({} if place <= BATCH else {(it.tenant, "account-1"): BATCH})
        other = it.new_tenant()
        it.add([5], tenant=other)
        with process(it.database, "follow", "die", FOR_EVER):
            it.runner().wait_for(other, "totals", 0, timeout=60)
            # The second process works for others, and leaves alone what the first one is at.
            assert it.totals() == {**committed, (other, "account-1"): 5}
            active.kill()
            it.runner().wait_for(it.tenant, "totals", BATCH + 9, timeout=60)
    assert it.totals() == {(it.tenant, "account-1"): BATCH + 10, (other, "account-1"): 5}
    assert it.checkpoint() == BATCH + 9


def test_one_kill_after_another_skips_and_doubles_nothing(it: Ledger) -> None:
    for round_ in range(6):
        it.add([1, 2, 4, 8])
        with process(it.database, "follow", "die", 1 + round_ % 4) as killed:
            killed.wait(60)
    with running(it.runner(Totals())):
        it.runner().wait_for(it.tenant, "totals", 23, timeout=60)
    assert it.totals() == {(it.tenant, "account-1"): 90}
