"""Event types by explicit name, old schemas brought up to date."""

import pytest

from shared.eventstore.model import Payload
from shared.eventstore.registry import EventRegistry, EventTypeUnknown


def add_currency(payload: Payload) -> Payload:
    return {**payload, "currency": "EUR"}


def rename_total(payload: Payload) -> Payload:
    return {"payable": payload["total"], "currency": payload["currency"]}


UPCASTERS = {("InvoiceIssued", 1): add_currency, ("InvoiceIssued", 2): rename_total}
REGISTRY = EventRegistry({"InvoiceIssued": 3, "InvoiceDrafted": 1}, UPCASTERS)


def test_an_old_payload_takes_every_step_to_the_current_schema() -> None:
    assert REGISTRY.upcast("InvoiceIssued", 1, {"total": "1.00"}) == {"payable": "1.00", "currency": "EUR"}
    assert REGISTRY.upcast("InvoiceIssued", 2, {"total": "1.00", "currency": "GBP"})["currency"] == "GBP"


def test_a_current_payload_stays_as_it_is() -> None:
    payload = {"payable": "1.00", "currency": "EUR"}
    assert REGISTRY.upcast("InvoiceIssued", 3, payload) is payload
    assert REGISTRY.schema_of("InvoiceIssued") == 3


@pytest.mark.parametrize(("type_name", "schema"), [("Unheard", 1), ("InvoiceIssued", 4), ("InvoiceIssued", 0)])
def test_an_unknown_type_or_schema_is_never_guessed(type_name: str, schema: int) -> None:
    with pytest.raises(EventTypeUnknown):
        REGISTRY.upcast(type_name, schema, {})


@pytest.mark.parametrize(
    ("schemas", "upcasters"),
    [
        ({"InvoiceIssued": 3}, {("InvoiceIssued", 1): add_currency}),
        ({"InvoiceIssued": 1}, {("InvoiceIssued", 1): add_currency}),
        ({}, {("InvoiceIssued", 1): add_currency}),
    ],
)
def test_a_missing_or_needless_step_is_refused_at_once(
    schemas: dict[str, int], upcasters: dict[tuple[str, int], object]
) -> None:
    with pytest.raises(ValueError, match="upcasters"):
        EventRegistry(schemas, upcasters)  # type: ignore[arg-type]  # the functions are not called
