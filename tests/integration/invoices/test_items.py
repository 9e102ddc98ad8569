"""Items over a real database and over the bus: the list, its rows at rest, and drafts that take from them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.invoices.commands.items import RegisterItem, RetireItem
from services.invoices.domain.document.vat import VatCategory
from services.invoices.handlers import items
from shared.contracts.errors import ErrorCode
from tests.integration.invoices.endpoints import ITEM
from tests.integration.invoices.running import ISSUE_DATE, LINE, SELLER, UNTIL, Caller
from tests.integration.invoices.trade import Trade, command_id, refused_with, rows_of

pytestmark = pytest.mark.integration
BELL = RegisterItem("Canary bell", Decimal("9.75"), "EUR", VatCategory.STANDARD, Decimal(19))


def listed(caller: Caller, **asked: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.ask("list_items", **asked)["items"]
    return found


def test_an_item_is_found_by_its_number_and_by_its_id(caller: Caller) -> None:
    made = caller.order("register_item", **ITEM, number="B-1")
    other = caller.order("register_item", **ITEM, number="B-2")
    same = caller.order("register_item", **ITEM, number="b-1")
    after = same["position"]
    shown = caller.ask("get_item", item_id=made["item_id"])
    assert shown == {
        "item_id": made["item_id"],
        "version": 1,
        "retired": False,
        "particulars": {**ITEM, "number": "B-1"},
    }
    assert listed(caller, number=" b-1 ", after=after)[0] == shown
    assert [each["item_id"] for each in listed(caller, number="B-1")] == [made["item_id"], same["item_id"]]
    assert [each["item_id"] for each in listed(caller)] == [each["item_id"] for each in (made, other, same)]


def test_items_are_listed_page_by_page_and_retired_ones_when_asked_for(caller: Caller) -> None:
    made = [caller.order("register_item", **ITEM) for _ in range(3)]
    ids = [each["item_id"] for each in made]
    after = caller.order("retire_item", item_id=ids[1], expected_version=1)["position"]
    assert [each["item_id"] for each in listed(caller, after=after)] == [ids[0], ids[2]]
    assert [each["retired"] for each in listed(caller, retired=True)] == [False, True, False]
    page = caller.ask("list_items", limit=2, retired=True)
    assert [each["item_id"] for each in page["items"]] == ids[:2]
    rest = caller.ask("list_items", limit=2, retired=True, page_after=page["next_page"])
    assert [each["item_id"] for each in rest["items"]] == ids[2:]
    assert "next_page" not in rest


def test_a_draft_takes_from_an_item_and_keeps_what_it_took(caller: Caller) -> None:
    item = caller.order("register_item", **ITEM, unit="HUR", number="B-1")["item_id"]
    head = {"document_type": "invoice", "issue_date": ISSUE_DATE, "currency": "EUR", "customer_id": caller.customer()}
    lines = [{"item_id": item, "quantity": "2"}]
    drafted = caller.order("draft_invoice", **head, lines=lines)
    changed = caller.order("change_item", item_id=item, expected_version=1, particulars={**ITEM, "unit_price": "100"})
    assert drafted["totals"]["net"] == "19.50"
    shown = caller.ask("get_invoice", invoice_id=drafted["invoice_id"], after=changed["position"])
    assert shown["content"]["lines"] == [
        {
            **{name: value for name, value in ITEM.items() if name != "currency"},
            "item_id": item,
            "quantity": "2",
            "unit": "HUR",
            "item_reference": "B-1",
        }
    ]
    again = caller.order(
        "change_draft",
        invoice_id=drafted["invoice_id"],
        expected_version=1,
        content={**head, "lines": [*shown["content"]["lines"], *lines]},
    )
    assert again["totals"]["net"] == "219.50"
    explained = caller.ask("explain_totals", content={**head, "lines": lines})
    assert explained["totals"]["net"] == "200.00"


def test_a_quote_takes_from_an_item_and_keeps_what_it_took(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    item = caller.order("register_item", **ITEM)["item_id"]
    content = {"issue_date": ISSUE_DATE, "currency": "EUR", "customer_id": caller.customer()}
    lines = [{"item_id": item, "quantity": "2"}]
    offered = caller.order("make_quote", content={**content, "lines": lines}, valid_until=UNTIL)
    assert offered["totals"]["net"] == "19.50"
    caller.order("change_item", item_id=item, expected_version=1, particulars={**ITEM, "unit_price": "100"})
    shown = caller.ask("get_quote", quote_id=offered["quote_id"])
    assert (shown["content"]["lines"][0]["unit_price"], shown["totals"]["net"]) == ("9.75", "19.50")


def test_an_item_and_a_quote_are_shown_as_they_were(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    item = caller.order("register_item", **ITEM)
    content = {"issue_date": ISSUE_DATE, "currency": "EUR", "customer_id": caller.customer(), "lines": [LINE]}
    offered = caller.order("make_quote", content=content, valid_until=UNTIL)
    there, asked = {"item_id": item["item_id"]}, {"quote_id": offered["quote_id"]}
    before, open_then = caller.ask("get_item", **there), caller.ask("get_quote", **asked)
    caller.order("retire_item", **there)
    caller.order("decline_quote", **asked, reason="canary price")
    as_of = offered["position"]
    assert caller.ask("get_item", **there, as_of=as_of) == before != caller.ask("get_item", **there)
    assert caller.ask("get_quote", **asked, as_of=as_of) == open_then
    assert caller.ask("get_quote", **asked)["state"] == "declined"
    assert caller.ask("get_quote", **asked, as_of=as_of, day="2199-12-31")["state"] == "expired"
    with refused_with(ErrorCode.QUOTE_UNKNOWN):
        caller.ask("get_quote", **asked, as_of=item["position"])


def test_a_draft_that_is_sent_again_after_its_item_was_retired_gets_its_first_answer(caller: Caller) -> None:
    item = caller.order("register_item", **ITEM)["item_id"]
    asked: dict[str, Any] = {
        "document_type": "invoice", "issue_date": ISSUE_DATE, "currency": "EUR", "customer_id": caller.customer(),
        "lines": [{"item_id": item, "quantity": "2"}],
    }  # fmt: skip
    key = "0b9e0000-0000-7000-8000-00000000000a"
    first = caller.order("draft_invoice", key=key, **asked)
    caller.order("retire_item", item_id=item)
    assert caller.order("draft_invoice", key=key, **asked) == first
    with refused_with(ErrorCode.LINE_INVALID):
        caller.order("draft_invoice", **asked)


def test_rows_of_items_are_sealed_and_the_rows_of_a_replay(lonely_trade: Trade) -> None:
    trade = lonely_trade
    trade.open_for_business()
    made = [
        items.register_item(trade.ports, replace(BELL, number=number), tenant=trade.tenant, command_id=command_id())
        for number in ("CANARY-1", None)
    ]
    retire = RetireItem(made[1].item_id)
    items.retire_item(trade.ports, retire, tenant=trade.tenant, command_id=command_id())
    trade.runner.run_once()
    before = rows_of(trade.database, "items")
    assert len(before) == 3  # a version before it was retired, and one since
    assert b"canary" not in repr(before).lower().encode()
    trade.runner.rebuild(trade.projection)
    assert rows_of(trade.database, "items") == before
