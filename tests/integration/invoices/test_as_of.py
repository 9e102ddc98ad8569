"""Answers as of a past position are the answers that were given when the log ended there, also after a rebuild."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.invoices.commands.documents import ChangeDraft, DiscardDraft
from services.invoices.commands.items import ChangeItem, RegisterItem, RetireItem
from services.invoices.commands.plans import MakePlan, PausePlan
from services.invoices.commands.quotes import AcceptQuote, DeclineQuote, ExtendQuote, MakeQuote
from services.invoices.domain.document.content import Content, DocumentType, Preceding
from services.invoices.domain.document.vat import VatCategory
from services.invoices.domain.schedule import Interval, Schedule
from services.invoices.domain.series import Counter
from services.invoices.handlers import drafts, items, numbering, payments, plans, quotes
from services.invoices.history import plan_of, quote_of
from services.invoices.read_models.filters import Wanted
from services.invoices.read_models.item_queries import ItemQueries
from services.invoices.read_models.ordering import VALUES, Order
from services.invoices.read_models.periods import Per
from services.invoices.read_models.plan_queries import PlanQueries
from services.invoices.read_models.quote_queries import QuoteQueries
from services.invoices.read_models.reading import Asked
from services.invoices.read_models.register_queries import RegisterQueries
from services.invoices.read_models.reports import Page, Reports
from services.invoices.read_models.taxes import Basis
from shared.contracts.errors import ErrorCode, PublicError
from tests.integration.invoices.paying import Till, share
from tests.integration.invoices.trade import ALL, Trade, command_id, everything, line, refused_with

pytestmark = pytest.mark.integration
DAY = date(2026, 7, 15)
_BELL = RegisterItem("Canary bell", Decimal("9.75"), "EUR", VatCategory.STANDARD, Decimal(19))
STEPS = (
    *("draft", "change", "discard", "issue", "credit", "pay", "undo", "refund", "reverse", "write_off"),
    *("register", "reprice", "retire", "offer", "extend", "answer", "plan", "pause"),
)


class Business:
    """Somebody who does one thing after another, and remembers what was answered after each."""

    def __init__(self, trade: Trade) -> None:
        self.trade, self.till = trade, Till(trade)
        self.customers = [trade.customer("Hof van Fietsen B.V."), trade.customer("Rowerownia Łódź")]
        self.drafted: list[str] = []
        self.issued: list[str] = []
        self.payments: list[tuple[str, str]] = []
        self.items: list[str] = []
        self.quotes: list[str] = []
        self.plans: list[str] = []
        self.given: dict[int, dict[str, Any]] = {}

    def step(self, name: str, choice: int) -> None:
        """Do one thing, if it can be done, and write down what is answered then."""
        try:
            getattr(self, f"_{name}")(choice)
        except (PublicError, IndexError):
            return
        self.trade.runner.run_once()
        position = self.trade.ports.log.head(self.trade.tenant).size - 1
        self.given[position] = self.answers(None)

    def answers(self, as_of: int | None) -> dict[str, Any]:
        """Everything that can be asked, as of a position or as it is now."""
        tenant, queries = self.trade.tenant, self.trade.queries
        asked = Asked(as_of=as_of)
        answers: dict[str, Any] = {
            f"list by {by} {backwards}": self.trade.listed(asked=asked, order=Order(by, backwards), day=DAY)
            for by in VALUES
            for backwards in (False, True)
        }
        answers["found"] = [
            self.trade.listed(wanted, asked=asked, day=DAY)
            for wanted in (
                Wanted(number="inv-000001"),
                Wanted(reference="PO-1"),
                Wanted(reference="PO-2"),
                Wanted(customer_name="rowerownia łódź", states=("issued", "partly_credited")),
                Wanted(payment_states=("paid", "partly_paid")),
            )
        ]
        for invoice_id in [*self.drafted, *self.issued]:
            try:
                answers[invoice_id] = queries.invoice(tenant, invoice_id, None, everything, as_of)
            except PublicError as refused:
                answers[invoice_id] = refused.code
        for customer_id in self.customers:
            answers[customer_id] = queries.customer_totals(tenant, customer_id, None, everything, as_of)
        register = RegisterQueries(queries.pool, queries.cells, self.trade.runner)
        answers["registers"] = register.registers(tenant, None, as_of)
        for series in ("INV", "CN"):
            answers[series] = numbering.number_register(
                self.trade.ports, register, Counter(series), tenant=tenant, page_after=0, limit=100, as_of=as_of
            )
        reports, page = Reports(queries), Page(200, None, asked)
        year = (date(2026, 1, 1), date(2026, 12, 31), Per.MONTH)
        answers["vat"] = [reports.vat(tenant, *year, page, basis=basis) for basis in Basis]
        answers["revenue"] = reports.revenue(tenant, *year, page)
        answers["open"] = reports.open_items(tenant, Wanted(), DAY, page, ALL)
        answers["aging"] = reports.aging(tenant, Wanted(), DAY, page, ALL)
        answers["payments"] = reports.payments(tenant, None, page, ALL)
        answers |= self.each(as_of)
        reader = queries.reader
        answers["items"] = ItemQueries(reader, queries.search).page(
            tenant, asked, None, number=None, retired=True, limit=200
        )
        answers["numbered"] = ItemQueries(reader, queries.search).page(
            tenant, asked, None, number="b-1", retired=False, limit=200
        )
        answers["quotes"] = [
            QuoteQueries(reader).page(tenant, {"limit": 200, "as_of": as_of, **more}, DAY, ALL)
            for more in ({}, {"state": "accepted"}, {"state": "expired"})
        ]
        found = PlanQueries(reader).page(tenant, asked, None, None, 200)
        answers["plans"] = [
            (each, plans.plan_at(self.trade.ports, tenant, each["plan_id"], found.as_of)) for each in found.plans
        ]
        answers["accounts"] = [
            reports.statement(tenant, customer_id, (None, None), page, everything) for customer_id in self.customers
        ]
        return answers

    def each(self, as_of: int | None) -> dict[str, Any]:
        """What is asked by its id and folded from the log."""
        asked: dict[str, Any] = {"tenant": self.trade.tenant, "as_of": as_of}
        ports = self.trade.ports
        folded: dict[str, Callable[[], Any]] = {
            **{
                one: partial(payments.get_payment, ports, payment_id=one, allow=everything, **asked)
                for one, _ in self.payments
            },
            **{one: partial(items.get_item, ports, one, **asked) for one in self.items},
            **{one: partial(quotes.get_quote, ports, quote_id=one, allow=everything, **asked) for one in self.quotes},
            **{one: partial(plans.get_plan, ports, plan_id=one, **asked) for one in self.plans},
        }
        return {one: _answered(ask) for one, ask in folded.items()}

    def _draft(self, choice: int) -> None:
        customer = self.customers[choice % 2]
        drafted = self.trade.draft(customer, line(str(choice + 1)), order_reference=f"PO-{choice % 3}")
        self.drafted.append(drafted.invoice_id)

    def _change(self, choice: int) -> None:
        invoice_id = self.drafted[choice % len(self.drafted or [""])]
        shown = self.trade.queries.invoice(self.trade.tenant, invoice_id, None, everything)
        customer, day = shown["customer_id"], date(2026, 6, 1 + choice)
        content = Content(DocumentType.INVOICE, customer, day, "EUR", (line("1", "3.10"),), buyer_reference="PO-2")
        asked = ChangeDraft(invoice_id, shown["version"], content)
        drafts.change_draft(self.trade.ports, asked, allow=everything, **self._sent())

    def _discard(self, choice: int) -> None:
        asked = DiscardDraft(self.drafted[choice % len(self.drafted or [""])])
        drafts.discard_draft(self.trade.ports, asked, allow=everything, **self._sent())

    def _issue(self, choice: int) -> None:
        invoice_id = self.drafted[choice % len(self.drafted or [""])]
        self.trade.issue(invoice_id)
        self.drafted.remove(invoice_id)
        self.issued.append(invoice_id)

    def _credit(self, choice: int) -> None:
        invoice_id = self._some(choice)
        shown = self.trade.queries.invoice(self.trade.tenant, invoice_id, None, everything)
        before = (Preceding(invoice_id, shown["number"]),)
        self.trade.issued(
            shown["customer_id"], line("1", "0.50"), document_type=DocumentType.CREDIT_NOTE, preceding=before
        )

    def _pay(self, choice: int) -> None:
        invoice_id = self._some(choice)
        customer = self.trade.queries.invoice(self.trade.tenant, invoice_id, None, everything)["customer_id"]
        payment = self.till.recorded(customer, "8.00", share(invoice_id, f"{choice + 1}.00"))
        self.payments.append((payment, invoice_id))

    def _undo(self, choice: int) -> None:
        self.till.undo(*self.payments[choice % len(self.payments or [("", "")])])

    def _refund(self, choice: int) -> None:
        self.till.refund(self.payments[choice % len(self.payments or [("", "")])][0], "0.75")

    def _reverse(self, choice: int) -> None:
        self.till.reverse(self.payments[choice % len(self.payments or [("", "")])][0])

    def _write_off(self, choice: int) -> None:
        try:
            self.till.write_off(self._some(choice))
        except PublicError:
            self.till.reverse_write_off(self._some(choice))

    def _register(self, choice: int) -> None:
        made = items.register_item(self.trade.ports, replace(_BELL, number=f"B-{choice % 2}"), **self._sent())
        self.items.append(made.item_id)

    def _reprice(self, choice: int) -> None:
        item_id = self.items[choice % len(self.items or [""])]
        _, version = items.get_item(self.trade.ports, item_id, tenant=self.trade.tenant)
        particulars = replace(_BELL, unit_price=Decimal(choice + 1), number=(None, "B-1")[choice % 2])
        items.change_item(self.trade.ports, ChangeItem(item_id, version, particulars), **self._sent())

    def _retire(self, choice: int) -> None:
        item_id = self.items[choice % len(self.items or [""])]
        items.retire_item(self.trade.ports, RetireItem(item_id), **self._sent())

    def _offer(self, choice: int) -> None:
        content = Content(DocumentType.INVOICE, self.customers[choice % 2], date(2026, 6, 2), "EUR", (line("1"),))
        asked = MakeQuote(content, date(2026, 7, 10 + choice))
        made = quotes.make_quote(self.trade.ports, asked, allow=everything, **self._sent())
        self.quotes.append(quote_of(made.stream))

    def _extend(self, choice: int) -> None:
        asked = ExtendQuote(self.quotes[choice % len(self.quotes or [""])], date(2026, 8, 1 + choice))
        quotes.extend_quote(self.trade.ports, asked, allow=everything, **self._sent())

    def _answer(self, choice: int) -> None:
        quote_id = self.quotes[choice % len(self.quotes or [""])]
        if choice % 2:
            asked = AcceptQuote(quote_id, "Mme. Dupont", date(2026, 7, 1))
            quotes.accept_quote(self.trade.ports, asked, allow=everything, **self._sent())
        else:
            quotes.decline_quote(self.trade.ports, DeclineQuote(quote_id, "too dear"), allow=everything, **self._sent())

    def _plan(self, choice: int) -> None:
        first = date(2026, 6, 1 + choice)
        content = Content(DocumentType.INVOICE, self.customers[choice % 2], first, "EUR", (line("1"),))
        asked = MakePlan(content, Schedule(first, Interval.MONTH), issue=False)
        self.plans.append(plan_of(plans.make_plan(self.trade.ports, asked, **self._sent()).stream))

    def _pause(self, choice: int) -> None:
        plan_id = self.plans[choice % len(self.plans or [""])]
        plans.pause_plan(self.trade.ports, PausePlan(plan_id, "moves house"), **self._sent())

    def _some(self, choice: int) -> str:
        return self.issued[choice % len(self.issued or [""])]

    def _sent(self) -> dict[str, Any]:
        return {"tenant": self.trade.tenant, "command_id": command_id()}


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), min_size=8, max_size=16))
def test_an_answer_as_of_a_position_is_the_one_that_was_given_there(
    stranger: Trade, steps: list[tuple[str, int]]
) -> None:
    trade = stranger.process()
    trade.tenant = command_id().key
    trade.open_for_business()
    business = Business(trade)
    first = [("draft", 0), ("draft", 1), ("issue", 0), ("register", 1), ("offer", 1), ("plan", 0)]
    for name, choice in [*first, *steps, ("pay", 2), ("write_off", 0)]:
        business.step(name, choice)
    assert {position: business.answers(position) for position in business.given} == _but_for_now(business)


def _answered(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is answered
    try:
        return ask()
    except PublicError as refused:
        return refused.code


def _but_for_now(business: Business) -> dict[int, dict[str, Any]]:
    """What was given, with ids that were not known yet answered as they are before they exist."""
    known = dict.fromkeys([*business.drafted, *business.issued], ErrorCode.INVOICE_UNKNOWN)
    known |= dict.fromkeys([payment_id for payment_id, _ in business.payments], ErrorCode.PAYMENT_UNKNOWN)
    known |= dict.fromkeys(business.items, ErrorCode.ITEM_UNKNOWN)
    known |= dict.fromkeys(business.quotes, ErrorCode.QUOTE_UNKNOWN)
    known |= dict.fromkeys(business.plans, ErrorCode.PLAN_UNKNOWN)
    return {position: {**known, **given} for position, given in business.given.items()}


def test_a_rebuild_changes_no_answer_about_the_past(lonely_trade: Trade) -> None:
    business = Business(lonely_trade)
    for choice, name in enumerate(["draft", "draft", *STEPS, *STEPS]):
        business.step(name, choice % 6)
    before = {position: business.answers(position) for position in business.given}
    lonely_trade.runner.rebuild(lonely_trade.projection)
    assert {position: business.answers(position) for position in business.given} == before


def test_a_position_that_the_log_has_not_reached_is_refused(trade: Trade) -> None:
    trade.draft(trade.customer())
    trade.runner.run_once()
    size = trade.ports.log.head(trade.tenant).size
    assert trade.listed(asked=Asked(as_of=size - 1))["as_of"] == size - 1
    with refused_with(ErrorCode.POSITION_UNKNOWN):
        trade.listed(asked=Asked(as_of=size))
    business = Business(trade)
    for name in ("draft", "issue", "pay", "register", "offer", "plan"):
        business.step(name, 0)
    size = trade.ports.log.head(trade.tenant).size
    assert set(business.each(size).values()) == {ErrorCode.POSITION_UNKNOWN}
    assert set(business.each(size - 1)) == {business.payments[0][0], *business.items, *business.quotes, *business.plans}


def test_the_past_of_a_forgotten_customer_is_forgotten_too(trade: Trade) -> None:
    from tests.integration.invoices.test_forgotten_customers import forget  # noqa: PLC0415 -- a test module

    customer = trade.customer()
    issued = trade.issued(customer)
    trade.runner.run_once()
    as_of = Asked(as_of=issued.position)
    assert len(trade.listed(asked=as_of)["invoices"]) == 1
    forget(trade, customer)
    trade.runner.run_once()
    assert trade.listed(asked=as_of)["invoices"] == []
    assert trade.queries.customers(trade.tenant, "Hof van Fietsen B.V.", None, None, ALL) == {"customers": []}
