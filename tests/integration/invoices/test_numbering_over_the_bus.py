"""Series and register as other services and the command line meet them."""

from typing import Any

import pytest

from shared.contracts.errors import ErrorCode
from shared.kernel.ids import new_id
from tests.integration.invoices.running import SELLER, Caller
from tests.integration.invoices.trade import refused_with

pytestmark = pytest.mark.integration
YEARLY: dict[str, Any] = {"name": "RE", "pattern": "{series}-{year}-{number:05}", "resets": True, "serves": ["invoice"]}


def test_a_series_is_configured_issued_in_and_read(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    assert caller.order("configure_series", **YEARLY, first=4711, first_year=2026)["receipt"]
    customer = caller.customer()
    issued = caller.order("issue_invoice", invoice_id=caller.draft(customer))
    named = caller.order("issue_invoice", invoice_id=caller.draft(customer, series="INV"))
    assert (issued["number"], named["number"]) == ("RE-2026-04711", "INV-000001")
    page = caller.ask("number_register", series="RE", year=2026)
    assert (page["taken"], page["faults"]) == (1, [])
    [number] = page["numbers"]
    assert (number["number"], number["state"], number["payable"]) == ("RE-2026-04711", "issued", "23.21")
    found = caller.ask("list_series")
    assert [(each["name"], each.get("serves")) for each in found["series"]] == [
        ("CN", ["credit_note"]),
        ("INV", ["prepayment_invoice"]),
        ("QUO", None),
        ("RE", ["invoice"]),
    ]
    assert found["registers"] == [{"series": "INV", "taken": 1}, {"series": "RE", "year": 2026, "taken": 1}]


def test_a_register_of_no_number_is_empty_and_one_of_no_series_is_refused(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    assert caller.ask("number_register", series="INV") == {"numbers": [], "taken": 0, "faults": []}
    with refused_with(ErrorCode.SERIES_UNKNOWN):
        caller.ask("number_register", series="RE")
    with refused_with(ErrorCode.SERIES_UNKNOWN):
        caller.ask("number_register", series="QUO")


def test_a_pattern_that_could_collide_is_refused_with_what_it_would_meet(caller: Caller) -> None:
    with refused_with(ErrorCode.SERIES_COLLIDES) as refused:
        caller.order("configure_series", name="RE", pattern="INV-{number}")
    assert refused.value.details == {"series": "INV", "pattern": "{series}-{number:06}"}


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("{series}-{number:6}", ErrorCode.SERIES_INVALID),
        ("INV-{number}", ErrorCode.SERIES_COLLIDES),
        ("{series}-{number:06}", ErrorCode.STEP_UP_NEEDED),
    ],
)
def test_a_factor_is_proved_for_what_would_be_done_and_not_for_a_refusal(
    caller: Caller, pattern: str, code: ErrorCode
) -> None:
    caller.order("configure_seller", **SELLER)
    size = caller.ask("checkpoint")["size"]
    asked = {"name": "RE", "pattern": pattern}
    with refused_with(code):
        caller.client.call("invoices", "configure_series", asked, token=caller.token(), idempotency_key=new_id())
    assert caller.ask("checkpoint")["size"] == size
