"""Decisions are kept and told: none is lost, none is doubled, and a flood stays a trickle."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from shared.contracts.decisions import MOST_DECISIONS, KeptDecision
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import plain
from shared.eventstore.pool import Pool
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.messaging.access import Actor
from shared.messaging.decision_courier import DecisionCourier
from shared.messaging.decisions import Attempt, PostgresDecisions, decisions_kept
from tests.stack import Database

pytestmark = pytest.mark.integration

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
DENIED = PublicError(
    ErrorCode.PERMISSION_DENIED, "You may not do this.", {"reasons": [{"code": "no_grant"}, {"code": "outside_hours"}]}
)


class Books:
    """auth, as far as a service can tell: takes what it is told, or is away."""

    def __init__(self) -> None:
        self.told: list[tuple[str, KeptDecision]] = []
        self.away = False
        self.refusing: str | None = None
        """A business about which nothing can be written down."""

    def tell(self, tenant: str, decisions: Sequence[KeptDecision]) -> None:
        if self.away:
            raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, "auth does not answer")
        if tenant == self.refusing:
            raise PublicError(ErrorCode.INTERNAL_ERROR, "auth cannot do that")
        self.told += [(tenant, decision) for decision in decisions]


@pytest.fixture
def pool(database: Callable[[str], Database]) -> Pool:
    return database("invoices").pool()


def attempt(**changes: Any) -> Attempt:  # noqa: ANN401 -- whatever the attempt holds
    tenant = new_id()
    actor = Actor("person", new_id(), tenant, plain([]), ("pwd", "otp"), new_id())
    return replace(Attempt(actor, tenant, "issue_invoice", "invoice:issue", NOON), **changes)


def deny(pool: Pool, refused: Attempt, refusal: PublicError = DENIED) -> None:
    with suppress(PublicError), decisions_kept(pool, refused, sensitive=False):
        raise refusal


def courier(pool: Pool, books: Books, now: datetime = NOON) -> DecisionCourier:
    return DecisionCourier(PostgresDecisions(pool), books.tell, FixedClock(now))


def test_a_denial_is_told_with_who_what_and_why(pool: Pool) -> None:
    refused, books = attempt(), Books()
    deny(pool, refused)
    courier(pool, books).run_once()
    ((tenant, told),) = books.told
    assert tenant == refused.tenant
    assert (told.actor_kind, told.actor, told.session) == ("person", refused.actor.id, refused.actor.session)
    assert (told.method, told.permission, told.outcome) == ("issue_invoice", "invoice:issue", "denied")
    assert (told.reasons, told.factors, told.count) == ("no_grant outside_hours", "pwd otp", 1)
    assert told.minute == "2026-11-22T12:00:00.000000Z"


def test_a_flood_within_a_minute_is_told_in_two_parts(pool: Pool) -> None:
    refused, books = attempt(), Books()
    deny(pool, refused)
    courier(pool, books).run_once()
    for _ in range(20):
        deny(pool, refused)
        courier(pool, books).run_once()
    courier(pool, books, LATER).run_once()
    assert [told.count for _, told in books.told] == [1, 20]
    assert len({told.id for _, told in books.told}) == 2
    assert PostgresDecisions(pool).due(LATER + timedelta(hours=1)) == []


def test_what_differs_in_person_method_or_reason_is_told_apart(pool: Pool) -> None:
    refused, books = attempt(), Books()
    other = PublicError(ErrorCode.PERMISSION_DENIED, "You may not act for another tenant.")
    for each in (refused, replace(refused, method="get_invoice"), replace(attempt(), tenant=refused.tenant)):
        deny(pool, each)
    deny(pool, refused, other)
    courier(pool, books).run_once()
    assert len(books.told) == 4


def test_what_was_on_its_way_when_the_process_was_killed_is_told_again_under_the_same_id(pool: Pool) -> None:
    refused, books = attempt(), Books()
    deny(pool, refused)
    on_their_way = PostgresDecisions(pool).due(NOON)  # and then it is killed
    deny(pool, refused)
    courier(pool, books).run_once()
    assert [told for _, told in books.told] == [row.decision for row in on_their_way]
    courier(pool, books, LATER).run_once()
    assert sum(told.count for _, told in books.told) == 2


def test_two_processes_that_tell_the_same_settle_it_once(pool: Pool) -> None:
    refused, decisions = attempt(), PostgresDecisions(pool)
    deny(pool, refused)
    first, second = decisions.due(NOON), decisions.due(NOON)
    assert first == second
    decisions.settle(first, NOON)
    deny(pool, refused)
    decisions.settle(second, NOON)
    books = Books()
    courier(pool, books, LATER).run_once()
    assert [told.count for _, told in books.told] == [1]


def test_what_cannot_be_told_waits(pool: Pool) -> None:
    books = Books()
    deny(pool, attempt())
    books.away = True
    assert not courier(pool, books).run_once()
    books.away = False
    assert courier(pool, books).run_once()
    assert len(books.told) == 1


def test_what_cannot_be_told_about_one_business_holds_up_no_other(pool: Pool) -> None:
    books, stuck, others = Books(), attempt(), [attempt() for _ in range(3)]
    for number in range(MOST_DECISIONS + 1):
        deny(pool, replace(stuck, method=f"method_{number}"))
    for other in others:
        deny(pool, other)
    books.refusing = stuck.tenant
    assert not courier(pool, books).run_once()
    assert {tenant for tenant, _ in books.told} == {other.tenant for other in others}
    books.refusing = None
    while courier(pool, books).decisions.due(NOON):
        courier(pool, books).run_once()
    assert len(books.told) == MOST_DECISIONS + 1 + len(others)


def test_what_is_sensitive_is_told_when_it_was_allowed(pool: Pool) -> None:
    books = Books()
    with decisions_kept(pool, attempt(), sensitive=True):
        pass
    with decisions_kept(pool, attempt(), sensitive=False):
        pass
    courier(pool, books).run_once()
    assert [(told.outcome, told.reasons) for _, told in books.told] == [("granted", "granted")]


def test_a_refusal_that_is_no_denial_is_not_kept(pool: Pool) -> None:
    books = Books()
    deny(pool, attempt(), PublicError(ErrorCode.INVOICE_UNKNOWN, "This business has no such invoice."))
    courier(pool, books).run_once()
    assert books.told == []


def test_a_denial_stays_one_when_it_cannot_be_kept_and_nothing_sensitive_is_answered(
    database: Callable[[str], Database],
) -> None:
    unreachable = database("invoices")
    with unreachable.connect_as_admin() as admin:
        admin.execute("DROP TABLE app.decisions")
    with pytest.raises(PublicError, match="permission_denied"), decisions_kept(
        unreachable.pool(), attempt(), sensitive=True
    ):  # fmt: skip
        raise DENIED
    with pytest.raises(psycopg.Error), decisions_kept(unreachable.pool(), attempt(), sensitive=True):
        pass


def test_a_service_that_named_no_business_is_in_no_log(pool: Pool) -> None:
    books = Books()
    service = Actor("service", "notifier", None, plain([]), (), "")
    for named in (None, "x"):
        deny(pool, attempt(actor=service, tenant=named))
    deny(pool, attempt(actor=service))
    courier(pool, books).run_once()
    assert [told.actor for _, told in books.told] == ["notifier"]
