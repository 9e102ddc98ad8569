"""The series of a business, and the register that tells what became of each of their numbers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from services.invoices.domain.document.content import DocumentType, Preceding
from services.invoices.domain.series import Counter, counter_id
from shared.contracts.errors import ErrorCode
from shared.kernel.ids import new_id
from tests.integration.invoices.test_forgotten_customers import forget
from tests.integration.invoices.trade import Trade, line, refused_with, rows_of

pytestmark = pytest.mark.integration
YEARLY = "{series}-{year}-{number:05}"


def yearly(trade: Trade, **changes: Any) -> None:  # noqa: ANN401 -- as the series'
    trade.configure_series("RE", YEARLY, resets=True, serves=(DocumentType.INVOICE,), **changes)


def numbers(register: dict[str, Any]) -> list[str]:
    return [number["number"] for number in register["numbers"]]


def test_each_fiscal_year_counts_by_itself_from_where_the_business_came_in(trade: Trade) -> None:
    yearly(trade, first=4711, first_year=2025)
    customer = trade.customer()
    days = [date(2025, 12, 30), date(2026, 1, 2), date(2025, 12, 31), date(2026, 1, 3)]
    issued = [trade.issued(customer, issue_date=day).number for day in days]
    assert issued == ["RE-2025-04711", "RE-2026-00001", "RE-2025-04712", "RE-2026-00002"]
    assert trade.issued(customer, document_type=DocumentType.CREDIT_NOTE).number == "CN-000001"
    assert trade.issued(customer, series="INV").number == "INV-000001"


def test_last_year_is_issued_into_after_the_new_one_began_and_the_register_says_when(trade: Trade) -> None:
    yearly(trade)
    customer = trade.customer()
    trade.issued(customer, issue_date=date(2026, 1, 2))
    trade.issued(customer, issue_date=date(2025, 12, 31))
    [late] = trade.register("RE", 2025)["numbers"]
    [new] = trade.register("RE", 2026)["numbers"]
    assert (late["number"], late["issue_date"]) == ("RE-2025-00001", "2025-12-31")
    assert late["taken_at"] > new["taken_at"]


def test_a_change_of_pattern_takes_effect_from_the_next_number_on(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(customer)
    trade.configure_series("INV", "{series}-{number:08}")
    assert trade.issued(customer).number == "INV-00000002"
    assert numbers(trade.register()) == ["INV-000001", "INV-00000002"]


def test_a_draft_for_a_series_that_is_not_there_is_refused(trade: Trade) -> None:
    with refused_with(ErrorCode.SERIES_UNKNOWN):
        trade.draft(trade.customer(), series="RE")


def test_while_series_are_configured_and_numbers_taken_no_number_is_lost_or_doubled(trade: Trade) -> None:
    customer, each = trade.customer(), 6
    patterns = ["{series}-{number:07}", "{series}.{number}", "{series}-{number:06}"]
    drafts = [[trade.draft(customer).invoice_id for _ in range(each)] for _ in range(3)]

    def issue(process: Trade, invoice_ids: list[str]) -> list[str]:
        return [process.issue(invoice_id).number for invoice_id in invoice_ids]

    def configure(process: Trade) -> list[str]:
        for pattern in patterns:
            process.configure_series("INV", pattern)
        return []

    with ThreadPoolExecutor(4) as threads:
        working = [threads.submit(issue, trade.process(), some) for some in drafts]
        working.append(threads.submit(configure, trade.process()))
        given_numbers = [number for work in working for number in work.result()]
    register = trade.register()
    assert sorted(numbers(register)) == sorted(given_numbers)
    assert [number["sequence"] for number in register["numbers"]] == list(range(1, 3 * each + 1))
    assert register["faults"] == []


def test_the_register_shows_what_became_of_each_number(trade: Trade) -> None:
    customer = trade.customer()
    first = trade.issued(customer, line("10", "4.50"))
    credit = trade.issued(
        customer, document_type=DocumentType.CREDIT_NOTE, preceding=(Preceding(first.invoice_id, first.number),)
    )
    [shown] = trade.register()["numbers"]
    assert shown.pop("taken_at")
    assert shown == {
        "place": 1,
        "sequence": 1,
        "number": "INV-000001",
        "invoice_id": first.invoice_id,
        "document_type": "invoice",
        "issue_date": "2026-06-02",
        "state": "partly_credited",
        "customer_id": customer,
        "customer_name": "Hof van Fietsen B.V.",
        "currency": "EUR",
        "payable": "53.55",
        "corrected_by": [credit.number],
    }
    assert trade.register("CN")["numbers"][0]["document_type"] == "credit_note"


def test_pages_follow_one_another_and_the_last_one_says_so(trade: Trade) -> None:
    customer = trade.customer()
    for _ in range(5):
        trade.issued(customer)
    seen, after = [], 0
    while True:
        page = trade.register(page_after=after, limit=2)
        seen += numbers(page)
        assert (page["taken"], page["faults"]) == (5, [])
        if "next_page" not in page:
            break
        after = page["next_page"]
    assert seen == [f"INV-{place:06d}" for place in range(1, 6)]


def test_a_forgotten_customer_leaves_their_numbers_and_nothing_else_live_and_after_a_replay(
    lonely_trade: Trade,
) -> None:
    kept, gone = lonely_trade.customer(), lonely_trade.customer("Rowerownia Łódź")
    for customer in (kept, gone):
        issued = lonely_trade.issued(customer)
        before = (Preceding(issued.invoice_id, issued.number),)
        lonely_trade.issued(customer, document_type=DocumentType.CREDIT_NOTE, preceding=before)
    lonely_trade.runner.run_once()
    forget(lonely_trade, gone)
    shown, forgotten = lonely_trade.register()["numbers"]
    assert (shown["state"], shown["corrected_by"]) == ("cancelled", ["CN-000001"])
    assert (forgotten["number"], forgotten["state"]) == ("INV-000002", "forgotten")
    assert {"customer_name", "payable", "corrected_by"}.isdisjoint(forgotten)
    tables = ("numbers", "corrections")
    live = {table: rows_of(lonely_trade.database, table) for table in tables}
    assert {table: len(rows) for table, rows in live.items()} == {"numbers": 4, "corrections": 1}
    lonely_trade.runner.rebuild(lonely_trade.projection)
    assert {table: rows_of(lonely_trade.database, table) for table in tables} == live


DELETED = "DELETE FROM {copy}.numbers WHERE tenant = %s AND counter = %s AND place = "
DOUBLED = """
    UPDATE {copy}.numbers n SET number_index = other.number_index FROM {copy}.numbers other
    WHERE n.tenant = %s AND n.counter = %s AND n.place = 3
    AND (other.tenant, other.counter, other.place) = (n.tenant, n.counter, 1)
"""


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (f"{DELETED} 2", [(2, "missing")]),
        (f"{DELETED} 3", [(3, "missing")]),
        (DOUBLED, [(1, "double"), (3, "double")]),
    ],
)
def test_what_must_never_be_is_said(lonely_trade: Trade, change: str, found: list[tuple[int, str]]) -> None:
    customer = lonely_trade.customer()
    for _ in range(3):
        lonely_trade.issued(customer)
    assert lonely_trade.register()["faults"] == []
    copy = lonely_trade.database.live_copy("invoices")
    counter = counter_id(lonely_trade.tenant, Counter("INV"))
    with lonely_trade.database.connect_as_admin() as admin:
        admin.execute(change.format(copy=copy).encode(), (lonely_trade.tenant, counter))
    faults = lonely_trade.register()["faults"]
    assert [(fault["place"], fault["kind"]) for fault in faults] == found


def test_another_business_sees_neither_series_nor_numbers(trade: Trade) -> None:
    yearly(trade)
    trade.issued(trade.customer())
    other = trade.process()
    other.tenant = new_id()
    other.open_for_business()
    with refused_with(ErrorCode.SERIES_UNKNOWN):
        other.register("RE", 2026)
    assert (other.register()["numbers"], other.register()["taken"]) == ([], 0)
