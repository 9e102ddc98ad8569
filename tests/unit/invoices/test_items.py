"""Items: what they may be, and what a line takes from one."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import Schema

from services.invoices.codec import from_payload, read, to_payload
from services.invoices.commands.items import ChangeItem, RegisterItem, RetireItem
from services.invoices.domain.document.content import Content, Prices
from services.invoices.domain.document.vat import VatCategory
from services.invoices.domain.events.items import Item, ItemChanged, ItemRegistered, ItemRetired
from services.invoices.domain.item import fold_item
from services.invoices.handlers import items
from services.invoices.handlers.itemising import itemised
from shared.contracts.content import ContentSchema, DraftedContentSchema
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.importing import ImportedContentSchema
from shared.eventstore.model import CommandId
from shared.kernel.ids import new_id
from tests.unit.invoices.shop import Shop, command_id

BELL = RegisterItem(
    "Brass bell, two-tone",
    Decimal("9.75"),
    "EUR",
    VatCategory.STANDARD,
    Decimal(19),
    number="B-1",
    description="Rings twice.",
    unit="HUR",
    base_quantity=Decimal(10),
)
HEAD = {"document_type": "invoice", "issue_date": "2026-11-22", "currency": "EUR"}


class Stall(Shop):
    """A business with an item."""

    def __init__(self) -> None:
        super().__init__()
        self.item = self.registered(BELL)

    def registered(self, item: RegisterItem) -> str:
        return items.register_item(self.ports, item, tenant=self.tenant, command_id=command_id()).item_id

    def change_item(self, version: int = 1, **changes: Any) -> items.Itemised:  # noqa: ANN401 -- as the command's
        asked = ChangeItem(self.item, version, replace(BELL, **changes))
        return items.change_item(self.ports, asked, tenant=self.tenant, command_id=command_id())

    def retire(self, version: int | None = None) -> items.Itemised:
        return items.retire_item(
            self.ports, RetireItem(self.item, version), tenant=self.tenant, command_id=command_id()
        )

    def request(self, *lines: Mapping[str, object], **changes: object) -> dict[str, Any]:
        return {"customer_id": self.customer, **HEAD, "lines": list(lines), **changes}

    def line(self, command: CommandId | None = None, /, **said: object) -> dict[str, Any]:
        """The line that comes of two of the item and what else is said."""
        request = self.request({"item_id": self.item, "quantity": "2", **said})
        filled = itemised(self.ports, request, tenant=self.tenant, command_id=command)
        assert ContentSchema().validate(filled) == {}
        line: dict[str, Any] = filled["lines"][0]
        return line


@pytest.fixture
def stall() -> Stall:
    return Stall()


def code_of(refused: pytest.ExceptionInfo[PublicError]) -> tuple[ErrorCode, object]:
    return refused.value.code, refused.value.details.get("field")


def test_everything_that_is_said_of_an_item_is_kept() -> None:
    assert {field.name for field in fields(Item)} == {"item_id", *(field.name for field in fields(BELL))}
    named = BELL.named("bell")
    assert all(getattr(named, field.name) == getattr(BELL, field.name) for field in fields(BELL))


@pytest.mark.parametrize("event", [ItemRegistered(BELL.named("i")), ItemChanged(BELL.named("i")), ItemRetired("i")])
def test_an_event_of_an_item_reads_as_it_was_written(event: ItemRegistered | ItemChanged | ItemRetired) -> None:
    assert from_payload(type(event).__name__, to_payload(event)) == event


def test_a_line_that_names_an_item_takes_what_it_does_not_say(stall: Stall) -> None:
    assert stall.line() == {
        "item_id": stall.item,
        "quantity": "2",
        "name": "Brass bell, two-tone",
        "description": "Rings twice.",
        "item_reference": "B-1",
        "unit": "HUR",
        "unit_price": "9.75",
        "base_quantity": "10",
        "vat_category": "S",
        "vat_rate": "19",
    }


def test_what_a_line_says_itself_it_keeps(stall: Stall) -> None:
    line = stall.line(name="Bell", unit_price="8", vat_category="Z", vat_rate="0", note="as agreed")
    assert (line["name"], line["unit_price"], line["vat_category"], line["vat_rate"]) == ("Bell", "8", "Z", "0")
    assert "base_quantity" not in line  # the item's is for the item's price
    assert (line["unit"], line["item_reference"]) == ("HUR", "B-1")


def test_an_item_without_a_number_gives_none(stall: Stall) -> None:
    stall.change_item(number=None, description=None)
    assert not {"item_reference", "description"} & stall.line().keys()


@pytest.mark.parametrize(
    ("said", "changes", "field"),
    [
        ({}, {"currency": "PLN"}, "unit_price"),
        ({}, {"prices": "gross"}, "unit_price"),
        ({"unit": "DAY"}, {}, "unit_price"),
        ({"base_quantity": "1"}, {}, "unit_price"),
        ({"vat_rate": "7"}, {}, "vat_category"),
        ({"vat_category": "Z"}, {}, "vat_rate"),
    ],
)
def test_a_price_that_is_for_something_else_is_not_taken(
    stall: Stall, said: dict[str, object], changes: dict[str, object], field: str
) -> None:
    request = stall.request({"item_id": stall.item, "quantity": "2", **said}, **changes)
    with pytest.raises(PublicError) as refused:
        itemised(stall.ports, request, tenant=stall.tenant)
    assert code_of(refused) == (ErrorCode.LINE_INVALID, field)


def test_a_price_that_the_line_says_is_in_the_documents_currency(stall: Stall) -> None:
    request = stall.request({"item_id": stall.item, "quantity": "2", "unit_price": "40"}, currency="PLN")
    assert itemised(stall.ports, request, tenant=stall.tenant)["lines"][0]["unit_price"] == "40"


def test_an_item_that_is_not_there_is_refused_at_its_line(stall: Stall) -> None:
    own = {"name": "Own", "quantity": "1", "unit_price": "1", "vat_category": "S", "vat_rate": "19"}
    with pytest.raises(PublicError) as refused:
        itemised(stall.ports, stall.request(own, {"item_id": new_id(), "quantity": "1"}), tenant=stall.tenant)
    assert (refused.value.details["line"], *code_of(refused)) == (1, ErrorCode.LINE_INVALID, "item_id")


def test_a_retired_item_gives_nothing_to_new_lines_and_a_repeated_command_its_first_answer(stall: Stall) -> None:
    command = command_id()
    drafted = stall.draft(read(stall.request(stall.line()), Content), command)
    stall.retire()
    with pytest.raises(PublicError) as refused:
        stall.line()
    assert code_of(refused) == (ErrorCode.LINE_INVALID, "item_id")
    again = read(stall.request(stall.line(command)), Content)
    assert stall.draft(again, command) == drafted


def test_a_new_price_changes_no_draft(stall: Stall) -> None:
    drafted = stall.draft(read(stall.request(stall.line()), Content)).invoice_id
    stall.change_item(unit_price=Decimal(100), name="Gold bell")
    line = stall.found(drafted).content.lines[0]
    assert (line.name, line.unit_price, line.item_id) == (BELL.name, BELL.unit_price, stall.item)
    assert stall.line()["unit_price"] == "100"


def test_an_item_is_changed_as_it_was_read_and_not_once_it_is_retired(stall: Stall) -> None:
    assert stall.change_item(1, name="Bell").version == 2
    with pytest.raises(PublicError) as refused:
        stall.change_item(1, name="Gong")
    assert refused.value.code is ErrorCode.CONCURRENT_CHANGE
    with pytest.raises(PublicError) as refused:
        stall.retire(1)
    assert refused.value.code is ErrorCode.CONCURRENT_CHANGE
    stall.retire(2)
    acts: list[Callable[[], object]] = [lambda: stall.change_item(3), stall.retire]
    for act in acts:
        with pytest.raises(PublicError) as refused:
            act()
        assert refused.value.code is ErrorCode.ITEM_RETIRED
    state, version = items.get_item(stall.ports, stall.item, tenant=stall.tenant)
    assert (state.item.name, state.retired, version) == ("Bell", True, 3)


def test_an_item_of_nobody_is_unknown(stall: Stall) -> None:
    stall.item = new_id()
    acts: list[Callable[[], object]] = [
        stall.change_item,
        stall.retire,
        lambda: items.get_item(stall.ports, stall.item, tenant=stall.tenant),
    ]
    for act in acts:
        with pytest.raises(PublicError) as refused:
            act()
        assert refused.value.code is ErrorCode.ITEM_UNKNOWN


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vat_rate": Decimal(0)}, "vat_rate"),
        ({"vat_category": VatCategory.ZERO}, "vat_rate"),
        ({"base_quantity": Decimal(0)}, "base_quantity"),
        ({"name": " "}, "name"),
    ],
)
def test_what_no_line_could_say_no_item_says(stall: Stall, change: dict[str, Any], field: str) -> None:
    with pytest.raises(PublicError) as refused:
        stall.registered(replace(BELL, **change))
    assert code_of(refused) == (ErrorCode.ITEM_INVALID, field)


def test_a_history_that_cannot_be_is_not_read() -> None:
    item = BELL.named("i")
    assert fold_item([]) is None
    for events in ([ItemChanged(item)], [ItemRetired("i")], [ItemRegistered(item)] * 2):
        with pytest.raises(ValueError, match="cannot follow"):
            fold_item(events)


def told(schema: type[Schema], line: Mapping[str, object]) -> set[str]:
    """The fields of a line for which a request is refused."""
    messages: Any = schema(partial=("customer_id",)).validate({**HEAD, "lines": [line]})
    return set(messages["lines"][0])


def test_a_line_without_an_item_says_everything_itself() -> None:
    told_of = told(DraftedContentSchema, {"quantity": "x"})
    assert told_of == {"quantity", "name", "unit_price", "vat_category", "vat_rate"}


def test_an_import_names_no_item() -> None:
    line = {"item_id": new_id(), "quantity": "1"}
    assert told(ImportedContentSchema, line) == {"item_id", "name", "unit_price", "vat_category", "vat_rate"}


def test_gross_items_go_into_gross_documents(stall: Stall) -> None:
    stall.change_item(prices=Prices.GROSS)
    request = stall.request({"item_id": stall.item, "quantity": "2"}, prices="gross")
    assert itemised(stall.ports, request, tenant=stall.tenant)["lines"][0]["unit_price"] == "9.75"
