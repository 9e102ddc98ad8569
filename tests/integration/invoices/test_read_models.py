from dataclasses import replace

import pytest
from psycopg import sql

from services.invoices.domain.document.content import DocumentType
from shared.contracts.errors import ErrorCode
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import Trade, everything, line, refused_with, rows_of

pytestmark = pytest.mark.integration
TABLES = ("customers", "contents", "invoices")


def busy(trade: Trade) -> None:
    """Two customers, two currencies, drafts, invoices and a credit note."""
    for name in ("Hof van Fietsen B.V.", "Rowerownia Łódź"):
        customer = trade.customer(name)
        trade.sent(customer, line("3", "0.335"), note="Thank you.")
        trade.issued(customer, document_type=DocumentType.CREDIT_NOTE)
        trade.issued(customer, currency="PLN", external_reference="PO-7")
        trade.draft(customer)


def test_an_issued_invoice_reads_as_it_was_drafted_with_its_number_and_digest(trade: Trade) -> None:
    customer = trade.customer()
    drafted = trade.draft(customer, line("3", "0.335"), note="Thank you.", external_reference="PO-7")
    issued = trade.issue(drafted.invoice_id)
    trade.runner.run_once()
    found = trade.queries.invoice(trade.tenant, drafted.invoice_id, after=issued.position, allow=everything)
    assert (found["state"], found["number"], "digest" in found) == ("issued", "INV-000001", False)
    trade.archive(drafted.invoice_id)
    document = trade.document(drafted.invoice_id)
    trade.runner.run_once()
    found = trade.queries.invoice(trade.tenant, drafted.invoice_id, after=document.position, allow=everything)
    assert (found["state"], found["number"], found["digest"]) == ("issued", "INV-000001", document.digest)
    totals = found["totals"]
    assert (totals["net"], totals["vat"], totals["payable"]) == ("1.01", "0.19", "1.20")
    assert found["customer_name"] == "Hof van Fietsen B.V."
    assert found["content"]["lines"] == [
        {
            "name": "Brass bell, two-tone",
            "quantity": "3",
            "unit_price": "0.335",
            "vat_category": "S",
            "vat_rate": "19",
        }
    ]


def test_totals_add_up_by_currency_and_credit_notes_count_negative(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(customer, line("10", "4.50"))
    trade.issued(customer, line("1", "4.50"), document_type=DocumentType.CREDIT_NOTE)
    trade.issued(customer, line("1", "7"), currency="PLN")
    trade.draft(customer, line("1000", "1000"))
    trade.runner.run_once()
    euros, zlotys = trade.queries.customer_totals(trade.tenant, customer, after=None, allow=everything)["totals"]
    assert euros == {
        "currency": "EUR",
        "invoices": 1,
        "credit_notes": 1,
        "net_total": "40.50",
        "vat_total": "7.69",  # 8.55 less 0.86, each rounded on its own document
        "payable": "48.19",
    }
    assert (zlotys["currency"], zlotys["payable"]) == ("PLN", "8.33")


def test_a_customer_without_invoices_has_no_totals(trade: Trade) -> None:
    customer = trade.customer()
    trade.runner.run_once()
    assert trade.queries.customer_totals(trade.tenant, customer, after=None, allow=everything)["totals"] == []


def test_pages_follow_one_another_in_the_order_of_drafting(trade: Trade) -> None:
    customer = trade.customer()
    drafts = [trade.draft(customer).invoice_id for _ in range(5)]
    trade.issue(drafts[3])
    trade.runner.run_once()
    seen, place = [], None
    while True:
        page = trade.listed(limit=2, page_after=place)
        seen += [each["invoice_id"] for each in page["invoices"]]
        if "next_page" not in page:
            break
        place = page["next_page"]
    assert seen == drafts


def test_a_query_that_waits_for_its_own_write_is_refused_when_nothing_follows_the_log(trade: Trade) -> None:
    drafted = trade.draft(trade.customer())
    with refused_with(ErrorCode.READ_MODEL_BEHIND):
        trade.queries.invoice(trade.tenant, drafted.invoice_id, after=drafted.position, allow=everything)
    trade.runner.run_once()
    found = trade.queries.invoice(trade.tenant, drafted.invoice_id, after=drafted.position, allow=everything)
    assert found["state"] == "draft"


def test_unknown_invoices_and_customers_are_refused(trade: Trade) -> None:
    trade.runner.run_once()
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        trade.queries.invoice(trade.tenant, new_id(), after=None, allow=everything)
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        trade.queries.customer_totals(trade.tenant, new_id(), after=None, allow=everything)
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        trade.draft(new_id())


def test_another_business_sees_nothing_of_it(trade: Trade) -> None:
    invoice_id = trade.draft(trade.customer()).invoice_id
    trade.runner.run_once()
    stranger = new_id()
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        trade.queries.invoice(stranger, invoice_id, after=None, allow=everything)
    assert replace(trade, tenant=stranger).listed() == {"invoices": [], "as_of": -1}


@pytest.mark.parametrize("copy", ["read_a", "read_b"])
@pytest.mark.parametrize("table", TABLES)
def test_rows_are_seen_by_a_session_that_is_bound_to_their_business_and_by_no_other(
    lonely_trade: Trade, table: str, copy: str
) -> None:
    lonely_trade.draft(lonely_trade.customer())
    lonely_trade.runner.run_once()
    lonely_trade.runner.rebuild(lonely_trade.projection)  # both copies are full
    count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(copy, table))
    seen = []
    for bound in (lonely_trade.tenant, new_id(), ""):
        with lonely_trade.database.connect() as service:
            service.execute("SELECT set_config('tallystick.tenant', %s, false)", (bound,))
            seen.append(service.execute(count).fetchone())
    assert seen == [(1,), (0,), (0,)]


def test_dropped_read_models_come_back_byte_for_byte(lonely_trade: Trade) -> None:
    busy(lonely_trade)
    lonely_trade.runner.run_once()
    before = {table: rows_of(lonely_trade.database, table) for table in TABLES}
    assert [len(rows) for rows in before.values()] == [2, 8, 16]
    lonely_trade.runner.rebuild(lonely_trade.projection)
    assert {table: rows_of(lonely_trade.database, table) for table in TABLES} == before


def test_read_models_that_followed_event_by_event_equal_those_of_one_replay(lonely_trade: Trade) -> None:
    customer = lonely_trade.customer()
    for quantity in "123":
        lonely_trade.issued(customer, line(quantity))
        lonely_trade.runner.run_once()
    before = {table: rows_of(lonely_trade.database, table) for table in TABLES}
    lonely_trade.runner.rebuild(lonely_trade.projection)
    assert {table: rows_of(lonely_trade.database, table) for table in TABLES} == before
