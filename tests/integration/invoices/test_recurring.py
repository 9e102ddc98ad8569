"""Plans over a real log: each occurrence is one document, whoever writes it and whatever happens meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.invoices.adapters.planner import Planner
from services.invoices.commands.plans import EndPlan, MakePlan, ResumePlan
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.plan import Plan, document_id
from services.invoices.domain.schedule import Interval, Schedule
from services.invoices.handlers import plans, recurring
from services.invoices.history import customer_stream, load_invoice, plan_of
from services.invoices.read_models.invoices import NAME
from services.invoices.read_models.plan_queries import PlanQueries
from services.invoices.read_models.plans import running_plans
from services.invoices.read_models.reading import NOW
from tests.integration.invoices.trade import Trade, command_id, line

pytestmark = pytest.mark.integration
AT_ONCE = 4
FIRST = date(2026, 1, 31)
MARCH = date(2026, 3, 31)


def made(trade: Trade, customer_id: str, *, issue: bool = False, first: date = FIRST) -> str:
    content = Content(DocumentType.INVOICE, customer_id, first, "EUR", (line(),), prepaid=Decimal(0))
    asked = MakePlan(content, Schedule(first, Interval.MONTH), issue)
    made = plans.make_plan(trade.ports, asked, tenant=trade.tenant, command_id=command_id())
    return plan_of(made.stream)


def plan(trade: Trade, plan_id: str) -> Plan:
    return plans.get_plan(trade.ports, tenant=trade.tenant, plan_id=plan_id)


def drafted(trade: Trade, plan_id: str) -> Callable[[date], bool]:
    return lambda day: load_invoice(trade.ports.log, trade.tenant, document_id(plan_id, day))[0] is not None


def test_what_was_missed_is_written_once_and_month_ends_are_kept(trade: Trade) -> None:
    plan_id = made(trade, trade.customer())
    assert recurring.carry_out(trade.ports, trade.tenant, plan_id, MARCH) == 3
    assert recurring.carry_out(trade.ports, trade.tenant, plan_id, MARCH) == 0
    assert all(map(drafted(trade, plan_id), [FIRST, date(2026, 2, 28), MARCH]))
    assert trade.series() == []


def test_a_plan_that_issues_gives_each_its_number(trade: Trade) -> None:
    plan_id = made(trade, trade.customer(), issue=True)
    recurring.carry_out(trade.ports, trade.tenant, plan_id, MARCH)
    assert trade.series() == [1, 2, 3]


def test_many_processes_at_once_write_each_occurrence_once(trade: Trade) -> None:
    plan_id = made(trade, trade.customer(), issue=True)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        written = threads.map(
            lambda each: recurring.carry_out(each.ports, each.tenant, plan_id, MARCH),
            [trade.process() for _ in range(AT_ONCE)],
        )
        assert sum(written) == 3
    assert trade.series() == [1, 2, 3]


def test_what_is_refused_pauses_the_plan_and_a_person_resumes_it(stranger: Trade) -> None:
    plan_id = made(stranger, stranger.customer(), issue=True)
    recurring.carry_out(stranger.ports, stranger.tenant, plan_id, MARCH)
    paused = plan(stranger, plan_id).paused
    assert paused is not None
    assert paused.reason == "seller_missing"
    stranger.open_for_business()
    asked = ResumePlan(plan_id, MARCH)
    plans.resume_plan(stranger.ports, asked, tenant=stranger.tenant, command_id=command_id())
    recurring.carry_out(stranger.ports, stranger.tenant, plan_id, MARCH)
    assert stranger.series() == [1, 2]  # the one that waited, and March's; February's was left out


def test_a_round_carries_out_what_runs_and_nothing_that_has_ended(trade: Trade) -> None:
    today = trade.ports.clock.now().date()
    running, ended = (made(trade, trade.customer(), first=today - timedelta(days=1)) for _ in range(2))
    asked = EndPlan(ended, "cancelled")
    plans.end_plan(trade.ports, asked, tenant=trade.tenant, command_id=command_id())
    trade.runner.run_once()
    pool = trade.queries.pool
    planner = Planner(trade.ports, pool, lambda tenant: running_plans(pool, NAME, tenant), lambda *_: ())
    assert planner.running(trade.tenant) == [running]
    assert planner.run_once(trade.tenant) == 1
    assert planner.run_once(trade.tenant) == 0


def test_making_a_plan_twice_by_one_command_makes_one(trade: Trade) -> None:
    content = Content(DocumentType.INVOICE, trade.customer(), FIRST, "EUR", (line(),))
    asked, command = MakePlan(content, Schedule(FIRST, Interval.MONTH)), command_id()
    first = plans.make_plan(trade.ports, asked, tenant=trade.tenant, command_id=command)
    again = plans.make_plan(trade.process().ports, replace(asked, issue=False), tenant=trade.tenant, command_id=command)
    assert again == first


def test_plans_are_listed_page_by_page_as_they_were_at_a_position(trade: Trade) -> None:
    customer, other = trade.customer("Somebody"), trade.customer("Somebody else")
    first, second, third = (made(trade, who) for who in (customer, other, customer))
    trade.runner.run_once()
    queries = PlanQueries(trade.queries.reader)
    page = queries.page(trade.tenant, NOW, None, None, 2)
    plans.end_plan(trade.ports, EndPlan(first, "gave notice"), tenant=trade.tenant, command_id=command_id())
    made(trade, other)
    trade.runner.run_once()
    assert [(each["plan_id"], each["customer_name"]) for each in page.plans] == [
        (first, "Somebody"),
        (second, "Somebody else"),
    ]
    rest = queries.page(trade.tenant, NOW, page.next_page, None, 2)
    assert ([each["plan_id"] for each in rest.plans], rest.as_of, rest.next_page) == ([third], page.as_of, None)
    assert [each["plan_id"] for each in queries.page(trade.tenant, NOW, None, customer, 9).plans] == [first, third]
    before, now = (plans.plan_at(trade.ports, trade.tenant, first, at) for at in (page.as_of, page.as_of + 1))
    assert before is not None
    assert now is not None
    assert (before.ended, now.ended) == (False, True)


def test_plans_of_a_forgotten_customer_are_in_no_list(trade: Trade) -> None:
    leaving = trade.customer()
    plan_id = made(trade, leaving)
    trade.runner.run_once()
    trade.ports.keyring.shred(trade.tenant, customer_stream(leaving))
    assert PlanQueries(trade.queries.reader).page(trade.tenant, NOW, None, None, 9).plans == []
    assert plans.plan_at(trade.ports, trade.tenant, plan_id, 10**6) is None
