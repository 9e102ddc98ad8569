"""A customer whose keys were destroyed: gone from rows and search, live and after a replay alike."""

import pytest

from services.invoices.commands.shredding import RequestShredding
from services.invoices.domain.events import SubjectShredded
from services.invoices.handlers import shredding
from services.invoices.history import customer_stream, encode
from shared.contracts.errors import ErrorCode
from shared.crypto.keyring import TENANT_SUBJECT
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import ALL, Trade, command_id, everything, line, refused_with, rows_of

pytestmark = pytest.mark.integration
TABLES = ("customers", "contents", "invoices", "overrides", "forgotten")
NAME = "Hof van Fietsen B.V."


def all_rows(trade: Trade) -> dict[str, list[tuple[object, ...]]]:
    return {table: rows_of(trade.database, table) for table in TABLES}


def ask_to_forget(trade: Trade, customer_id: str) -> None:
    """Ask, in spite of retention, for a second person."""
    command = RequestShredding(customer_id, "erasure_request", "court_order")
    shredding.request_shredding(trade.ports, command, tenant=trade.tenant, command_id=command_id())


def decide_to_forget(trade: Trade, customer_id: str) -> None:
    """Write down that a customer is shredded, without destroying the keys yet."""
    stream, subject = f"shredding-{new_id()}", customer_stream(customer_id)
    event = encode(stream, TENANT_SUBJECT, SubjectShredded(subject, "erasure_request", None, (), ()))
    trade.ports.log.append(trade.tenant, [event], {stream: 0})


def forget(trade: Trade, customer_id: str) -> None:
    decide_to_forget(trade, customer_id)
    trade.ports.keyring.shred(trade.tenant, customer_stream(customer_id))


def test_rows_after_a_shredding_are_the_rows_of_a_replay(lonely_trade: Trade) -> None:
    kept, gone = lonely_trade.customer("Rowerownia Łódź"), lonely_trade.customer(NAME)
    for customer in (kept, gone):
        lonely_trade.issued(customer)
        lonely_trade.draft(customer)
    for customer in (kept, gone):
        ask_to_forget(lonely_trade, customer)
    lonely_trade.runner.run_once()
    forget(lonely_trade, gone)
    lonely_trade.runner.run_once()
    live = all_rows(lonely_trade)
    assert {table: len(rows) for table, rows in live.items()} == {
        "customers": 1,
        "contents": 2,
        "invoices": 3,
        "overrides": 1,
        "forgotten": 1,
    }
    lonely_trade.runner.rebuild(lonely_trade.projection)
    assert all_rows(lonely_trade) == live


def test_a_projection_that_comes_late_makes_the_same_rows(lonely_trade: Trade) -> None:
    """It sees none of the customer's events: their keys are gone already."""
    customer = lonely_trade.customer()
    lonely_trade.issued(customer)
    forget(lonely_trade, customer)
    lonely_trade.runner.run_once()
    late = all_rows(lonely_trade)
    assert [len(rows) for rows in late.values()] == [0, 0, 0, 0, 1]
    lonely_trade.runner.rebuild(lonely_trade.projection)
    assert all_rows(lonely_trade) == late


def test_what_was_written_between_the_decision_and_the_end_of_the_keys_makes_no_row(lonely_trade: Trade) -> None:
    customer = lonely_trade.customer()
    drafted = lonely_trade.draft(customer)
    lonely_trade.runner.run_once()
    decide_to_forget(lonely_trade, customer)
    lonely_trade.issue(drafted.invoice_id)
    lonely_trade.draft(customer)
    lonely_trade.runner.run_once()
    live = all_rows(lonely_trade)
    assert [len(rows) for rows in live.values()] == [0, 0, 0, 0, 1]
    lonely_trade.ports.keyring.shred(lonely_trade.tenant, customer_stream(customer))
    lonely_trade.runner.rebuild(lonely_trade.projection)
    assert all_rows(lonely_trade) == live


def test_who_was_forgotten_is_unknown_and_others_are_not(trade: Trade) -> None:
    kept, gone = trade.customer(), trade.customer()
    invoices = {customer: trade.issued(customer) for customer in (kept, gone)}
    trade.runner.run_once()
    forget(trade, gone)
    trade.runner.run_once()
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        trade.queries.customer_totals(trade.tenant, gone, after=None, allow=everything)
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        trade.queries.invoice(trade.tenant, invoices[gone].invoice_id, after=None, allow=everything)
    listed = trade.listed()["invoices"]
    assert [each["customer_id"] for each in listed] == [kept]


def found(trade: Trade, name: str | None = None, email: str | None = None) -> set[str]:
    customers = trade.queries.customers(trade.tenant, name, email, after=None, scopes=ALL)["customers"]
    return {customer["customer_id"] for customer in customers}


def test_customers_are_found_by_exactly_their_name_and_email(trade: Trade) -> None:
    first = trade.customer("Rowerownia Łódź", email="biuro@rowerownia.example")
    second = trade.customer("Rowerownia Łódź", email="sklep@rowerownia.example")
    trade.customer("Rowerownia")
    trade.runner.run_once()
    assert found(trade, name="Rowerownia Łódź") == {first, second}
    assert found(trade, name=" rowerownia  ŁÓDŹ ") == {first, second}
    assert found(trade, email="SKLEP@rowerownia.example") == {second}
    assert found(trade, "Rowerownia Łódź", "biuro@rowerownia.example") == {first}
    assert found(trade, "Rowerownia", "biuro@rowerownia.example") == set()
    assert found(trade, name="Rower") == set()
    # The same text in another column is another index.
    assert found(trade, email="Rowerownia Łódź") == set()


def test_another_business_finds_nobody(trade: Trade, lonely_trade: Trade) -> None:
    trade.customer()
    trade.runner.run_once()
    stranger = lonely_trade.process()
    assert found(stranger, name=NAME) == set()


def test_who_was_forgotten_is_not_found_also_before_the_rows_are_gone(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(customer, line())
    trade.runner.run_once()
    assert found(trade, name=NAME) == {customer}
    forget(trade, customer)
    assert found(trade, name=NAME) == set()
    assert trade.listed()["invoices"] == []
    trade.runner.run_once()
    assert found(trade, name=NAME) == set()


def test_a_rotated_key_changes_no_row_of_a_replay(lonely_trade: Trade) -> None:
    customer = lonely_trade.customer()
    drafted = lonely_trade.draft(customer)
    lonely_trade.runner.run_once()
    lonely_trade.rotate(customer_stream(customer))
    lonely_trade.issue(drafted.invoice_id)  # sealed with the new key; the customer's row keeps the old one
    lonely_trade.runner.run_once()
    live = all_rows(lonely_trade)
    keys = {row[-2] for rows in (live["customers"], live["invoices"]) for row in rows}
    assert len(keys) == 2
    lonely_trade.runner.rebuild(lonely_trade.projection)
    assert all_rows(lonely_trade) == live
