"""Customers who are described otherwise, over a real database: what is found, shown and forgotten."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.invoices.commands.customers import ChangeCustomer, RegisterCustomer
from services.invoices.domain.document.parties import DeliveryPreference
from services.invoices.handlers import customers
from shared.contracts.errors import ErrorCode
from shared.kernel.ids import new_id
from shared.messaging.command_hash import Asked
from tests.integration.invoices.running import CUSTOMER, FULL_SELLER, Caller
from tests.integration.invoices.trade import ADDRESS, ALL, BOB, Trade, command_id, everything, refused_with, rows_of

pytestmark = pytest.mark.integration
OLD = RegisterCustomer("Hof van Fietsen B.V.", "administratie@hofvanfietsen.example", ADDRESS)


def change(trade: Trade, customer_id: str, version: int = 1, **changes: Any) -> int:  # noqa: ANN401 -- as the command's
    """Describe a customer otherwise, as somebody who did not register them; return the position."""
    asked = ChangeCustomer(customer_id, version, replace(OLD, **changes))
    return customers.change_customer(
        trade.ports, asked, tenant=trade.tenant, command_id=command_id(BOB), allow=everything, require_step_up=_proved
    ).position


def _proved() -> None:
    """For somebody who proved a factor."""


def found(trade: Trade, after: int | None = None, **by: str) -> list[str]:
    trade.runner.run_once()
    name, email = by.get("name"), by.get("email")
    shown = trade.queries.customers(trade.tenant, name, email, after, ALL)["customers"]
    return [each["customer_id"] for each in shown]


def test_a_customer_is_found_by_what_they_are_called_now_and_by_nothing_else(trade: Trade) -> None:
    customer = trade.customer()
    position = change(trade, customer, name="Fietsenhof", email="post@fietsenhof.example")
    assert found(trade, position, name="fietsenhof") == [customer]
    assert found(trade, email="post@fietsenhof.example") == [customer]
    assert found(trade, name=OLD.name) == found(trade, email=OLD.email) == []


def test_who_registered_a_customer_stays_who_did(trade: Trade) -> None:
    customer = trade.customer()
    trade.runner.run_once()
    query = "SELECT DISTINCT registered_by::text FROM customers"
    with trade.database.connect_as_admin() as admin:
        admin.execute(f"SET search_path TO {trade.database.live_copy('invoices')}".encode())
        before = admin.execute(query).fetchall()
        change(trade, customer, name="Fietsenhof")
        trade.runner.run_once()
        assert admin.execute(query).fetchall() == before


def test_an_issued_document_keeps_what_was_said_and_a_draft_takes_what_is_said_now(trade: Trade) -> None:
    customer = trade.customer()
    earlier, drafted = trade.issued(customer), trade.draft(customer)
    change(trade, customer, name="Fietsenhof", email="post@fietsenhof.example", delivery=DeliveryPreference.NONE)
    later = trade.issue(drafted.invoice_id)
    for issued in (earlier, later):
        trade.archive(issued.invoice_id)
    trade.runner.run_once()
    one, other = (trade.document(issued.invoice_id) for issued in (earlier, later))
    assert (one.recipient_name, one.recipient_email, one.delivery.value) == (OLD.name, OLD.email, "mail")
    assert (other.recipient_name, other.recipient_email, other.delivery.value) == (
        "Fietsenhof", "post@fietsenhof.example", "none"
    )  # fmt: skip
    names = [each["customer_name"] for each in trade.listed()["invoices"]]
    assert names == [OLD.name, "Fietsenhof"]


def test_rows_of_changed_customers_are_the_rows_of_a_replay(lonely_trade: Trade) -> None:
    trade = lonely_trade
    trade.open_for_business()
    customer = trade.customer()
    trade.draft(customer)
    change(trade, customer, name="Fietsenhof")
    trade.rotate(f"customer-{customer}")
    change(trade, customer, version=2, name="Fietsenhof N.V.")
    trade.issued(customer)
    trade.runner.run_once()
    before = [rows_of(trade.database, table) for table in ("customers", "invoices")]
    trade.runner.rebuild(trade.projection)
    assert [rows_of(trade.database, table) for table in ("customers", "invoices")] == before


Order = Callable[..., dict[str, Any]]
NEW = {**CUSTOMER, "email": "elsewhere@canary.example"}


def test_a_mailbox_is_changed_over_the_bus_with_a_fresh_proof_alone(caller: Caller) -> None:
    customer = caller.customer()
    request = {"customer_id": customer, "expected_version": 1, "particulars": NEW}
    token, key = caller.token(), new_id()
    call: Order = lambda **more: caller.client.call(  # noqa: E731 -- the one call of this test
        "invoices", "change_customer", request, token=token, idempotency_key=key, **more
    )
    with refused_with(ErrorCode.STEP_UP_NEEDED):
        call()
    assert caller.ask("get_customer", customer_id=customer)["particulars"]["email"] == CUSTOMER["email"]
    asked = Asked("invoices", "change_customer", caller.tenant, request, caller.person)
    assert call(proof=caller.bus.proof(token, asked, key))["version"] == 2
    shown = caller.ask("get_customer", customer_id=customer)
    assert (shown["version"], shown["particulars"]) == (2, NEW)


def test_everything_that_a_customer_can_be_crosses_the_bus_both_ways(caller: Caller) -> None:
    full = {
        **CUSTOMER,
        "vat_id": "NL004495445B01",
        "trading_name": "Canary Trade",
        "registration": {"identifier": "12345678", "scheme": "0106"},
        "electronic_address": {"scheme": "0088", "identifier": "4012345500004"},
        "contact": {"name": "Canary Zoë", "telephone": "+31 30 1234567"},
        "buyer_reference": "991-03730-19",
        "language": "nl",
        "currency": "EUR",
        "payment_days": 30,
        "profile": "xrechnung",
        "delivery": "none",
    }
    customer = caller.order("register_customer", **full)["customer_id"]
    assert caller.ask("get_customer", customer_id=customer)["particulars"] == full


def test_a_number_that_cannot_be_is_refused_by_the_name_of_its_field(caller: Caller) -> None:
    with refused_with(ErrorCode.MALFORMED_REQUEST) as refused:
        caller.order("register_customer", **{**CUSTOMER, "vat_id": "DE123456789"})
    assert "check digits" in str(refused.value.details["fields"])
    with refused_with(ErrorCode.MALFORMED_REQUEST) as refused:
        caller.order("register_customer", **{**CUSTOMER, "encryption_key": "age1canary"})
    assert "canary" not in str(refused.value.details)


def test_everything_that_a_seller_can_be_crosses_the_bus_both_ways(caller: Caller) -> None:
    caller.order("configure_seller", **FULL_SELLER)
    shown = caller.ask("get_seller")
    assert {name: value for name, value in shown.items() if name != "account_since"} == FULL_SELLER
