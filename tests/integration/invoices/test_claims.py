"""Claims in accounts, open items and aging, compared with what the auditor's own code folds of the events."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cli.audit.receivables import Receivables
from cli.audit.reminders import Reminders
from services.invoices.commands.reminders import RemindInvoice
from services.invoices.domain.document.content import DocumentType, Preceding
from services.invoices.handlers import reminders
from services.invoices.read_models.filters import ANY, Wanted
from services.invoices.read_models.invoices import NAME
from services.invoices.read_models.reading import Asked
from services.invoices.read_models.reports import Page, Reports
from services.invoices.read_models.unsettled import overdue_invoices
from shared.contracts.reports import StatementReply
from shared.eventstore.model import RecordedEvent
from shared.kernel.ids import new_id
from tests.integration.invoices.claiming import STEPS, Books
from tests.integration.invoices.paying import share
from tests.integration.invoices.test_forgotten_customers import forget
from tests.integration.invoices.trade import ALL, Trade, command_id, line

pytestmark = pytest.mark.integration
DAY = date(2026, 7, 31)
FIRST = [("issue", 1), ("issue", 5), ("remind", 0), ("pay_claim", 4), ("credit_alone", 0), ("refund_credit", 1)]
Sums = dict[tuple[str, str], Decimal]
"""By customer and currency."""


class Folded:
    """What the events say that customers owe: what is owed still, less what is free of payments and credit alone."""

    def __init__(self) -> None:
        self._owed = Receivables(whole=True)
        self._reminders = Reminders(self._owed, whole=True)

    def add(self, event: RecordedEvent) -> None:
        assert [*self._owed.fold(event), *self._reminders.fold(event)] == []

    def balances(self) -> Sums:
        sums: Sums = defaultdict(Decimal)
        for bill in self._owed.bills.values():
            sums[bill.customer_id, bill.currency] += bill.owed
        for payment in self._owed.payments.values():
            sums[payment.customer_id, payment.currency] -= payment.free
        for note in self._owed.credit_notes.values():
            sums[note.customer_id, note.currency] -= note.free
        return dict(sums)

    def open(self) -> Sums:
        sums: Sums = defaultdict(Decimal)
        for bill in self._owed.bills.values():
            sums[bill.customer_id, bill.currency] += max(bill.owed, Decimal(0))
        return {key: amount for key, amount in sums.items() if amount}


def folds(books: Books) -> Iterator[tuple[int, Folded]]:
    """Yield where the log ended after each thing that was done, and the fold up to there."""
    folded = Folded()
    for event in books.trade.ports.log.read(books.trade.tenant):
        folded.add(event)
        if event.position in books.ends:
            yield event.position, folded


def closing(books: Books, as_of: int) -> Sums:
    return {
        (customer, balance["currency"]): Decimal(balance["closing"])
        for customer in books.customers
        for balance in books.statement(customer, as_of)["balances"]
    }


def require_told(books: Books) -> None:
    """Statement, open items and aging say as of each position what the events up to it say."""
    reports, tenant = Reports(books.trade.queries), books.trade.tenant
    for as_of, folded in folds(books):
        assert closing(books, as_of) == folded.balances()
        page = Page(200, None, Asked(as_of=as_of))
        items: Sums = defaultdict(Decimal)
        for item in reports.open_items(tenant, ANY, DAY, page, ALL)["items"]:
            items[item["customer_id"], item["currency"]] += Decimal(item["owed"])
        aged = reports.aging(tenant, ANY, DAY, page, ALL)["customers"]
        assert {(row["customer_id"], row["currency"]): Decimal(row["owed"]) for row in aged} == dict(items)
        assert dict(items) == folded.open()


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],  # over a real database shrinking takes many minutes
)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), min_size=12, max_size=30))
def test_an_account_ends_with_what_the_events_say_is_owed(lonely_trade: Trade, steps: list[tuple[str, int]]) -> None:
    trade = lonely_trade.process()
    trade.tenant = new_id()
    books = Books.open(trade)
    for name, choice in [*FIRST, *steps]:
        books.step(name, choice)
    trade.runner.run_once()
    require_told(books)
    trade.runner.rebuild(trade.projection)
    require_told(books)
    require_halves(books)


def require_halves(books: Books) -> None:
    """An account up to a day, and from the next one on, are together the whole account."""
    for customer in books.customers:
        whole, half = books.statement(customer), books.statement(customer, None, None, "2026-07-15")
        rest = books.statement(customer, None, "2026-07-16", None)
        assert half["entries"] + rest["entries"] == whole["entries"]
        opening = {each["currency"]: each["opening"] for each in rest["balances"]}
        assert {each["currency"]: each["closing"] for each in half["balances"]}.items() <= opening.items()
        for each in (*whole["balances"], *half["balances"], *rest["balances"]):
            sums = {name: Decimal(each[name]) for name in ("opening", "charged", "received", "closing")}
            assert sums["opening"] + sums["charged"] - sums["received"] == sums["closing"]
        assert StatementReply().validate(whole) == {}


@pytest.fixture
def books(trade: Trade) -> Books:
    """A business one of whose invoices, of a business customer, is overdue."""
    books = Books.open(trade)
    books.issue(0)
    return books


def entries(books: Books, customer: int = 0) -> list[Mapping[str, Any]]:
    books.trade.runner.run_once()
    told: list[Mapping[str, Any]] = books.statement(books.customers[customer])["entries"]
    return told


def kinds(told: list[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["amount"], each["balance"]) for each in told]


def test_what_a_reminder_claims_is_a_line_and_a_payment_says_that_it_paid_it(books: Books) -> None:
    (invoice, customer, _), till = books.invoices[0], books.till
    books.step("remind", 0)
    books.step("remind", 0)
    (first, _, _), (second, _, _) = books.claims
    owed = till.owed(second)[1].owed
    paid = Decimal("116.03") + owed
    till.recorded(customer, str(paid), share(invoice, "116.03"), share(second, str(owed)), value_date=date(2026, 7, 20))
    charged, fee, more, payment = entries(books)
    assert (fee["kind"], fee["amount"], fee["fee"], fee["day"], fee["claim_id"]) == (
        "claim", "5.00", "5.00", "2026-07-10", first
    )  # fmt: skip
    assert (fee["invoice_id"], fee["number"]) == (invoice, charged["number"])
    parts = [Decimal(more[name]) for name in ("fee", "interest", "compensation")]
    assert (sum(parts), parts[0], parts[2]) == (Decimal(more["amount"]), Decimal("7.50"), Decimal("40.00"))
    assert (payment["claims_paid"], payment["balance"]) == ([{"claim_id": second, "amount": str(owed)}], "5.00")


def test_a_claim_that_is_waived_or_written_off_counts_down_again(books: Books) -> None:
    for step in (("remind", 0), ("remind", 0), ("waive", 0), ("write_off_claim", 1), ("write_off_claim", 1)):
        books.step(*step)
    told = entries(books)
    amount = told[2]["amount"]
    assert [(kind, each) for kind, each, _ in kinds(told)][1:] == [
        ("claim", "5.00"),
        ("claim", amount),
        ("claim_waived", "-5.00"),
        ("write_off", f"-{amount}"),
        ("write_off_reversed", amount),
    ]
    assert {each["claim_id"] for each in told[1:]} == {claim for claim, _, _ in books.claims}
    assert Decimal(told[-1]["balance"]) == Decimal("116.03") + Decimal(amount)


def test_what_was_refunded_before_a_reversal_is_charged_once(books: Books) -> None:
    (invoice, customer, _), till = books.invoices[0], books.till
    payment = till.recorded(customer, "200.00", share(invoice, "116.03"))
    till.refund(payment, "83.97")
    till.reverse(payment)
    told = entries(books)
    claim = told[-1]["claim_id"]
    assert kinds(told)[1:] == [
        ("payment", "-200.00", "-83.97"),
        ("refund", "83.97", "0.00"),
        ("payment_reversed", "200.00", "200.00"),
    ]
    assert till.owed(claim)[1].owed == Decimal("83.97")
    items = Reports(books.trade.queries).open_items(books.trade.tenant, ANY, DAY, Page(200), ALL)["items"]
    assert [(item["kind"], item["owed"], "number" in item) for item in items] == [
        ("invoice", "116.03", True),
        ("refund_claim", "83.97", False),
    ]


def test_a_claim_is_an_open_item_as_late_as_it_is(books: Books) -> None:
    books.step("remind", 0)
    books.trade.runner.run_once()
    reports, tenant = Reports(books.trade.queries), books.trade.tenant
    items = reports.open_items(tenant, Wanted(currency="EUR"), date(2026, 8, 15), Page(200), ALL)["items"]
    assert [(item["kind"], item["bucket"]) for item in items] == [
        ("invoice", "days_61_90"),
        ("reminder_claim", "days_31_60"),
    ]
    (row,) = reports.aging(tenant, ANY, date(2026, 8, 15), Page(200), ALL)["customers"]
    assert (row["days_61_90"], row["days_31_60"], row["owed"]) == ("116.03", "5.00", "121.03")
    assert reports.open_items(tenant, Wanted(currency="PLN"), DAY, Page(200), ALL)["items"] == []


def test_a_deducted_deposit_whose_payment_bounced_is_open_again_and_reminded_of(books: Books) -> None:
    trade, till, customer = books.trade, books.till, books.customers[1]
    deposit = trade.issued(customer, document_type=DocumentType.PREPAYMENT_INVOICE)
    payment = till.recorded(customer, "23.21", share(deposit.invoice_id, "23.21"))
    before = (Preceding(deposit.invoice_id, deposit.number),)
    final = trade.issued(customer, line("4"), line("-2"), preceding=before)
    till.recorded(customer, "23.21", share(final.invoice_id, "23.21"))
    trade.runner.run_once()
    reports, wanted, tenant = Reports(trade.queries), Wanted(customer_id=customer), trade.tenant
    assert reports.open_items(tenant, wanted, DAY, Page(200), ALL)["items"] == []
    till.reverse(payment)
    trade.runner.run_once()
    (item,) = reports.open_items(tenant, wanted, DAY, Page(200), ALL)["items"]
    assert (item["invoice_id"], item["owed"], item["deducted_by"]) == (deposit.invoice_id, "23.21", final.number)
    (row,) = reports.aging(tenant, wanted, DAY, Page(200), ALL)["totals"]
    assert row["owed"] == "23.21"
    (balance,) = books.statement(customer)["balances"]
    assert balance["closing"] == "23.21"
    overdue = overdue_invoices(trade.queries.pool, trade.queries.cells, NAME, tenant, DAY, customer=customer)
    assert [invoice_id for _, invoice_id in overdue] == [deposit.invoice_id]
    asked = RemindInvoice(deposit.invoice_id)
    assert reminders.remind_invoice(trade.ports, asked, tenant=tenant, command_id=command_id())


def test_the_claims_on_a_forgotten_customer_are_forgotten(books: Books) -> None:
    trade = books.trade
    books.step("remind", 0)
    trade.runner.run_once()
    assert len(Reports(trade.queries).open_items(trade.tenant, ANY, DAY, Page(200), ALL)["items"]) == 2
    forget(trade, books.customers[0])
    for _ in range(2):  # while the rows are going, and when they are gone
        assert Reports(trade.queries).open_items(trade.tenant, ANY, DAY, Page(200), ALL)["items"] == []
        trade.runner.run_once()
