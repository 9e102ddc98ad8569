"""Reports, compared with sums that plain code here works out from the events."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.invoices.domain.document.content import Delivery, DocumentType, ExchangeRate, TaxPoint
from services.invoices.domain.document.lines import Line
from services.invoices.domain.document.vat import VatCategory
from services.invoices.read_models.filters import ANY, Wanted
from services.invoices.read_models.periods import Per
from services.invoices.read_models.reading import Asked
from services.invoices.read_models.reports import Page, Reports
from services.invoices.read_models.taxes import Basis
from shared.contracts.conditions import Conditions
from shared.contracts.decision import Scopes
from shared.contracts.errors import ErrorCode
from shared.kernel.ids import new_id
from tests.integration.invoices.paying import Till, share
from tests.integration.invoices.test_forgotten_customers import forget
from tests.integration.invoices.test_life import credit
from tests.integration.invoices.trade import ALL, Trade, everything, line, refused_with

pytestmark = pytest.mark.integration
DAY = date(2026, 7, 15)
WHOLE = Page(200)
_SIGN = {"InvoiceIssued": 1, "CreditNoteIssued": -1}
Payload = dict[str, Any]


def reduced(price: str) -> Line:
    return Line("Bread", Decimal(1), Decimal(price), VatCategory.STANDARD, Decimal(7))


@pytest.fixture
def busy(trade: Trade) -> list[str]:
    """Half a year of two customers; returns their ids."""
    customers = [trade.customer("Hof van Fietsen B.V."), trade.customer("Rowerownia Łódź")]
    till = Till(trade)
    for number in range(18):
        customer, day = customers[number % 2], date(2026, 1, 31) + timedelta(days=10 * number)
        lines = [line(str(number + 1), "3.33"), *([reduced("1.05")] if number % 3 else [])]
        changes: dict[str, Any] = {"issue_date": day, "currency": "PLN" if number % 5 == 4 else "EUR"}
        if number % 4 == 1:
            changes["document_type"] = DocumentType.CREDIT_NOTE
        if number % 6 == 2:
            changes["delivery"] = Delivery(day=day - timedelta(days=40))
        if changes["currency"] == "PLN":
            changes["exchange_rate"] = ExchangeRate("EUR", Decimal("0.23077"), "ECB", day)
        issued = trade.issued(customer, *lines, **changes)
        if number % 4 == 2 and changes["currency"] == "EUR":
            payment = till.recorded(customer, "5.00", share(issued.invoice_id, "3.50"), value_date=day)
            if number % 8 == 2:
                till.refund(payment, "0.75")
        if number == 12:
            till.write_off(issued.invoice_id)
    till.reverse(till.recorded(customers[0], "7.77", value_date=date(2026, 3, 3)))
    trade.draft(customers[0])
    trade.runner.run_once()
    return customers


def issued_events(trade: Trade) -> list[tuple[int, Payload, Payload]]:
    """Sign, what was drafted, and what was issued: as the log has it, and nothing else."""
    drafts: dict[str, Payload] = {}
    found = []
    for event in trade.ports.log.read(trade.tenant):
        payload: Any = event.payload
        if event.type == "InvoiceDrafted":
            drafts[payload["invoice_id"]] = payload
        if event.type in _SIGN:
            found.append((_SIGN[event.type], drafts[payload["invoice_id"]], payload))
    return found


def reports(trade: Trade) -> Reports:
    return Reports(trade.queries)


def test_the_vat_report_says_what_the_events_add_up_to(trade: Trade, busy: list[str]) -> None:
    assert busy
    sums: dict[tuple[str, str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    documents: Counter[tuple[str, str, str, str]] = Counter()
    for sign, draft, issued in issued_events(trade):
        for part in issued["totals"]["breakdown"]:
            key = (draft["issue_date"][:7], part["category"], part["rate"], issued["currency"])
            sums[key][0] += sign * Decimal(part["taxable_amount"])
            sums[key][1] += sign * Decimal(part["tax_amount"])
            documents[key] += 1
    answer = reports(trade).vat(
        trade.tenant, date(2026, 1, 1), date(2026, 12, 31), Per.MONTH, WHOLE, basis=Basis.ISSUE_DATE
    )
    told = {
        (row["first_day"][:7], row["category"], row["rate"], row["currency"]): [
            Decimal(row["taxable_amount"]), Decimal(row["tax_amount"])
        ]
        for row in answer["rows"]
    }  # fmt: skip
    assert told == dict(sums)
    assert Counter({key: row["documents"] for key, row in zip(told, answer["rows"], strict=True)}) == documents
    assert {row["rate"] for row in answer["rows"]} == {"7", "19"}


def test_the_tax_in_the_accounting_currency_is_what_the_documents_say(trade: Trade, busy: list[str]) -> None:
    assert busy
    said = sum(
        sign * Decimal(issued["totals"]["accounting_vat"])
        for sign, _, issued in issued_events(trade)
        if "accounting_vat" in issued["totals"]
    )
    answer = reports(trade).vat(
        trade.tenant, date(2026, 1, 1), date(2026, 12, 31), Per.YEAR, WHOLE, basis=Basis.ISSUE_DATE
    )
    accounted = [row for row in answer["rows"] if "accounting_currency" in row]
    assert {(row["currency"], row["accounting_currency"]) for row in accounted} == {("PLN", "EUR")}
    assert sum(Decimal(row["accounting_tax_amount"]) for row in accounted) == said != 0


@pytest.mark.parametrize("per", Per)
@pytest.mark.parametrize("basis", Basis)
def test_periods_are_together_the_whole_of_their_days(trade: Trade, busy: list[str], per: Per, basis: Basis) -> None:
    assert busy
    first, last = date(2026, 2, 14), date(2026, 6, 20)
    expected = Decimal(0)
    for sign, draft, issued in issued_events(trade):
        supplied = draft.get("delivery", {}).get("day", draft["issue_date"])
        if first.isoformat() <= (supplied if basis is Basis.SUPPLY_DATE else draft["issue_date"]) <= last.isoformat():
            expected += sign * Decimal(issued["totals"]["vat"])
    rows = reports(trade).vat(trade.tenant, first, last, per, WHOLE, basis=basis)["rows"]
    assert sum(Decimal(row["tax_amount"]) for row in rows) == expected != 0
    assert min(row["first_day"] for row in rows) >= first.isoformat()
    assert max(row["last_day"] for row in rows) <= last.isoformat()


def test_a_document_is_taxed_in_the_month_of_its_tax_point(trade: Trade) -> None:
    customer, october = trade.customer(), date(2026, 10, 30)
    november, delivered = date(2026, 11, 2), Delivery(day=date(2026, 9, 29))
    contents: dict[str, dict[str, Any]] = {
        "1.00": {"tax_point_date": october},
        "2.00": {"tax_point": TaxPoint.DELIVERY, "delivery": delivered},
        "4.00": {"tax_point": TaxPoint.ISSUE, "delivery": delivered},
        "8.00": {"delivery": delivered},
        "16.00": {"tax_point": TaxPoint.PAYMENT, "delivery": delivered},
    }
    for price, said in contents.items():
        trade.issued(customer, line("1", price), issue_date=november, **said)
    trade.runner.run_once()
    year = (date(2026, 1, 1), date(2026, 12, 31))
    rows = reports(trade).vat(trade.tenant, *year, Per.MONTH, WHOLE, basis=Basis.TAX_POINT)["rows"]
    told = [(row["first_day"][:7], row["taxable_amount"], row.get("due_on_payment", False)) for row in rows]
    assert told == [("2026-09", "2.00", False), ("2026-10", "1.00", False), ("2026-11", "12.00", False),
                    ("2026-11", "16.00", True)]  # fmt: skip
    (whole,) = reports(trade).vat(trade.tenant, *year, Per.WHOLE, WHOLE, basis=Basis.ISSUE_DATE)["rows"]
    assert (whole["taxable_amount"], "due_on_payment" in whole) == ("31.00", False)


def test_revenue_is_what_was_invoiced_less_what_was_credited(trade: Trade, busy: list[str]) -> None:
    assert busy
    net: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for sign, draft, issued in issued_events(trade):
        net[draft["issue_date"][:7], issued["currency"]] += sign * Decimal(issued["totals"]["net"])
    rows = reports(trade).revenue(trade.tenant, date(2026, 1, 1), date(2026, 12, 31), Per.MONTH, WHOLE)["rows"]
    assert {(row["first_day"][:7], row["currency"]): Decimal(row["net"]) for row in rows} == dict(net)
    assert sum(row["invoices"] + row["credit_notes"] for row in rows) == 18


def test_an_account_ends_with_what_is_owed_less_what_is_free_and_credited(trade: Trade, busy: list[str]) -> None:
    for customer in busy:
        answer = reports(trade).statement(trade.tenant, customer, (None, None), WHOLE, everything)
        expected: dict[str, Decimal] = defaultdict(Decimal)
        for event in trade.ports.log.read(trade.tenant):
            payload: Any = event.payload
            if event.type in _SIGN and payload["customer"]["customer_id"] == customer:
                expected[payload["currency"]] += _SIGN[event.type] * Decimal(payload["totals"]["payable"])
        for payment in reports(trade).payments(trade.tenant, customer, WHOLE, ALL)["payments"]:
            if not payment["reversed"]:
                expected[payment["currency"]] -= Decimal(payment["amount"]) - Decimal(payment["refunded"])
        written_off = sum(Decimal(each["amount"]) for each in answer["entries"] if each["kind"] == "write_off")
        expected["EUR"] += written_off
        assert {each["currency"]: Decimal(each["closing"]) for each in answer["balances"]} == dict(expected)


@pytest.mark.parametrize("paid", ["0.00", "3.21"])
def test_crediting_what_was_written_off_gives_back_what_was_paid_and_no_more(trade: Trade, paid: str) -> None:
    customer, till = trade.customer(), Till(trade)
    invoice = trade.issued(customer).invoice_id
    if Decimal(paid):
        till.recorded(customer, paid, share(invoice, paid))
    till.write_off(invoice)
    trade.issue(credit(trade, invoice).invoice_id)
    receivable, stands = till.owed(invoice)
    assert (receivable.written_off, stands.owed, stands.excess) == (Decimal(0), Decimal(0), Decimal(paid))
    trade.runner.run_once()
    (balance,) = reports(trade).statement(trade.tenant, customer, (None, None), WHOLE, everything)["balances"]
    assert Decimal(balance["closing"]) == -Decimal(paid)


def test_an_account_in_two_halves_is_the_whole_account(trade: Trade, busy: list[str]) -> None:
    def account(first: str | None, last: str | None) -> dict[str, Any]:
        return reports(trade).statement(trade.tenant, busy[0], (first, last), WHOLE, everything)

    whole, half, rest = account(None, None), account(None, "2026-04-15"), account("2026-04-16", None)
    assert half["entries"] + rest["entries"] == whole["entries"]
    closing = {each["currency"]: each["closing"] for each in half["balances"]}
    opening = {each["currency"]: each["opening"] for each in rest["balances"]}
    assert {currency: opening[currency] for currency in closing} == closing
    assert {each["currency"]: each["closing"] for each in rest["balances"]} == {
        each["currency"]: each["closing"] for each in whole["balances"]
    }
    kinds = {each["kind"] for each in whole["entries"]}
    assert {"invoice", "payment", "payment_reversed"} <= kinds


def test_open_items_are_what_receivables_say_and_fall_into_buckets(trade: Trade, busy: list[str]) -> None:
    till = Till(trade)
    owed = {}
    for sign, _, issued in issued_events(trade):
        if sign > 0:
            receivable, stands = till.owed(issued["invoice_id"], DAY)
            if stands.owed:
                owed[issued["invoice_id"]] = (receivable.currency, stands.owed, (DAY - receivable.due).days)
    items = reports(trade).open_items(trade.tenant, ANY, DAY, WHOLE, ALL)["items"]
    assert {item["invoice_id"]: (item["currency"], Decimal(item["owed"]), item["days_overdue"]) for item in items} == {
        invoice_id: (currency, amount, max(late, 0)) for invoice_id, (currency, amount, late) in owed.items()
    }
    assert [item["due_date"] for item in items] == sorted(item["due_date"] for item in items)

    bounds = ((0, "not_due"), (30, "days_1_30"), (60, "days_31_60"), (90, "days_61_90"), (10**6, "days_over_90"))
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for currency, amount, late in owed.values():
        sums[currency, next(name for last, name in bounds if late <= last)] += amount
    aging = reports(trade).aging(trade.tenant, ANY, DAY, WHOLE, ALL)
    for kind in ("totals", "customers"):
        told: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in aging[kind]:
            for _, name in bounds:
                told[row["currency"], name] += Decimal(row[name])
            assert Decimal(row["owed"]) == sum(Decimal(row[name]) for _, name in bounds)
        assert {key: amount for key, amount in told.items() if amount} == dict(sums)
    assert {row["customer_id"] for row in aging["customers"]} == set(busy)


def test_reports_come_in_pages_of_one_moment(trade: Trade, busy: list[str]) -> None:
    whole = reports(trade).open_items(trade.tenant, ANY, DAY, WHOLE, ALL)
    first = reports(trade).open_items(trade.tenant, ANY, DAY, Page(3), ALL)
    trade.issued(busy[0], issue_date=date(2026, 1, 1))
    trade.runner.run_once()
    items, page = first["items"], first
    while "next_page" in page:
        page = reports(trade).open_items(trade.tenant, ANY, DAY, Page(3, page["next_page"]), ALL)
        assert page["as_of"] == whole["as_of"]
        items = items + page["items"]
    assert items == whole["items"]
    with refused_with(ErrorCode.MALFORMED_REQUEST):
        reports(trade).aging(trade.tenant, ANY, DAY, Page(3, first["next_page"]), ALL)
    with refused_with(ErrorCode.MALFORMED_REQUEST):
        reports(trade).open_items(trade.tenant, ANY, DAY, Page(3, first["next_page"], Asked(as_of=1)), ALL)


def test_payments_come_in_pages_and_say_what_is_free(trade: Trade, busy: list[str]) -> None:
    whole = reports(trade).payments(trade.tenant, None, WHOLE, ALL)["payments"]
    page = reports(trade).payments(trade.tenant, None, Page(2), ALL)
    shown = page["payments"]
    while "next_page" in page:
        page = reports(trade).payments(trade.tenant, None, Page(2, page["next_page"]), ALL)
        shown = shown + page["payments"]
    assert shown == whole
    till = Till(trade)
    for each in whole:
        payment = till.payment(each["payment_id"])
        assert (Decimal(each["free"]), Decimal(each["refunded"]), each["reversed"]) == (
            payment.free, payment.refunded, payment.reversed
        )  # fmt: skip
    of_one = reports(trade).payments(trade.tenant, busy[1], WHOLE, ALL)["payments"]
    assert of_one == [each for each in whole if each["customer_id"] == busy[1]]


def test_whoever_sees_own_customers_only_sees_nothing_of_others(trade: Trade, busy: list[str]) -> None:
    assert busy
    stranger = Scopes(new_id(), (Conditions(own_customers=True),))
    assert reports(trade).open_items(trade.tenant, ANY, DAY, WHOLE, stranger)["items"] == []
    assert reports(trade).aging(trade.tenant, ANY, DAY, WHOLE, stranger)["totals"] == []
    assert reports(trade).payments(trade.tenant, None, WHOLE, stranger)["payments"] == []


def test_somebody_who_is_no_customer_is_not_said_to_owe_nothing(trade: Trade) -> None:
    owes_nothing = trade.customer()
    position = trade.ports.log.head(trade.tenant).size - 1
    trade.runner.run_once()
    for report, name in ((reports(trade).open_items, "items"), (reports(trade).aging, "customers")):
        assert report(trade.tenant, Wanted(customer_id=owes_nothing), DAY, WHOLE, ALL)[name] == []
        for whose, page in ((new_id(), WHOLE), (owes_nothing, Page(9, None, Asked(as_of=position - 1)))):
            with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
                report(trade.tenant, Wanted(customer_id=whose), DAY, page, ALL)


def test_a_forgotten_customer_is_in_no_report(trade: Trade, busy: list[str]) -> None:
    kept, gone = busy
    forget(trade, gone)
    for _ in range(2):  # while the rows are going, and when they are gone
        items = reports(trade).open_items(trade.tenant, Wanted(), DAY, WHOLE, ALL)["items"]
        assert {item["customer_id"] for item in items} == {kept}
        paid = reports(trade).payments(trade.tenant, None, WHOLE, ALL)["payments"]
        assert {each["customer_id"] for each in paid} <= {kept}
        with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
            reports(trade).statement(trade.tenant, gone, (None, None), WHOLE, everything)
        trade.runner.run_once()


def test_drafts_are_in_no_report(trade: Trade) -> None:
    trade.draft(trade.customer())
    trade.runner.run_once()
    answer = reports(trade).vat(
        trade.tenant, date(2026, 1, 1), date(2026, 12, 31), Per.WHOLE, WHOLE, basis=Basis.ISSUE_DATE
    )
    assert answer["rows"] == []
    assert reports(trade).open_items(trade.tenant, ANY, DAY, WHOLE, ALL)["items"] == []
