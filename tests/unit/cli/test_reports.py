"""Reports as tables: every page, aligned, without empty columns; for machines one object."""

import json
from typing import Any

import pytest

from tests.unit.cli.office import Invoices
from tests.unit.cli.running import log_in, tallystick

CUSTOMER = "019aa0e5-0000-7000-8000-00000000000c"
BALANCES = [{"currency": "EUR", "opening": "0.00", "charged": "1190.00", "received": "190.00", "closing": "1000.00"}]
ENTRIES: list[dict[str, Any]] = [
    {"day": "2026-11-02", "kind": "invoice", "number": "INV-000001", "amount": "1190.00", "balance": "1190.00"},
    {
        "day": "2026-11-20",
        "kind": "payment_reversed",
        "payment_id": CUSTOMER,
        "amount": "-190.00",
        "balance": "1000.00",
    },
]
ENTRIES = [{"currency": "EUR", "position": 1, **entry} for entry in ENTRIES]
HEAD = {"customer_id": CUSTOMER, "customer_name": "Zoë", "balances": BALANCES, "as_of": 7}


def pages() -> list[Any]:
    return [{**HEAD, "entries": ENTRIES[:1], "next_page": "further"}, {**HEAD, "entries": ENTRIES[1:]}]


class Pages(Invoices):
    """Answers exactly so, page after page."""

    def __init__(self, *told: dict[str, Any]) -> None:
        super().__init__()
        self._told = [*told]

    def answer(self, service: str, method: str, request: Any) -> dict[str, Any]:  # noqa: ANN401 -- as its base
        super().answer(service, method, request)
        return self._told.pop(0)


def test_a_statement_is_two_tables_of_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Pages(*pages())
    log_in(monkeypatch, service)
    done = tallystick("reports", "statement", CUSTOMER)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "currency  opening  charged  received  closing",
        "EUR          0.00  1190.00    190.00  1000.00",
        "",
        "day         what              about                                  amount  balance  currency",
        "2026-11-02  invoice           INV-000001                            1190.00  1190.00  EUR",
        f"2026-11-20  payment reversed  {CUSTOMER}  -190.00  1000.00  EUR",
    ]
    assert [request for _, request in service.calls] == [
        {"customer_id": CUSTOMER},
        {"customer_id": CUSTOMER, "page_after": "further"},
    ]


def test_for_machines_a_report_is_one_object_of_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, Pages(*pages()))
    done = tallystick("reports", "statement", CUSTOMER, "--json")
    assert json.loads(done.stdout) == {**HEAD, "entries": ENTRIES}


def test_a_column_that_nothing_is_in_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    row: dict[str, Any] = {"first_day": "2026-10-01", "last_day": "2026-12-31", "currency": "EUR", "category": "S"}
    row |= {"rate": "19", "documents": 3, "taxable_amount": "100.00", "tax_amount": "19.00"}
    asked = ("reports", "vat", "--from", "2026-10-01", "--to", "2026-12-31")
    log_in(monkeypatch, Pages({"rows": [row], "as_of": 7}))
    assert tallystick(*asked).stdout.splitlines()[0].split() == [
        *("from", "to", "category", "rate", "documents", "taxed", "VAT", "currency"),
    ]
    log_in(monkeypatch, Pages({"rows": [row | {"due_on_payment": True}], "as_of": 7}))
    assert tallystick(*asked).stdout.splitlines()[1].endswith("on payment")


def test_a_report_of_nothing_says_so_beside_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, Pages({"items": [], "as_of": 7}))
    done = tallystick("reports", "open-items")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "Nothing is owed.\n")


def test_a_number_that_is_missing_ends_with_exit_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, Pages({"numbers": [], "taken": 1, "faults": [{"place": 1, "kind": "missing"}]}))
    done = tallystick("reports", "numbers", "INV", "--json")
    assert (done.exit_code, json.loads(done.stdout)["taken"]) == (1, 1)
    assert "place 1: there is no number" in done.stderr


def test_what_a_customer_is_called_moves_no_cursor_and_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    ages = dict.fromkeys(("not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "owed"), "0.00")
    row = {"customer_id": CUSTOMER, "customer_name": "Ada\x1b[2J\u202e [bold]", "currency": "EUR", **ages}
    log_in(monkeypatch, Pages({"totals": [], "customers": [row], "as_of": 7}))
    said = tallystick("reports", "aging").stdout
    assert said.replace("\n", "").isprintable()
    assert said.rstrip().endswith("[bold]")
