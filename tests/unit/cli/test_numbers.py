"""`tallystick numbers`."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.cli.running import Running, log_in, tallystick

NUMBER = {
    "place": 1,
    "sequence": 4711,
    "number": "RE-2026-04711",
    "invoice_id": "019aa0e5-2222-7000-8000-000000000001",
    "document_type": "invoice",
    "issue_date": "2026-06-02",
    "taken_at": "2026-06-02T09:00:00.000000Z",
    "state": "issued",
    "customer_name": "=Hof van Fietsen",
    "currency": "EUR",
    "payable": "23.21",
    "corrected_by": ["CN-000001"],
}
FORGOTTEN = {name: NUMBER[name] for name in list(NUMBER)[:7]} | {
    "place": 2,
    "number": "RE-2026-04712",
    "state": "forgotten",
}


class Registered(Running):
    """A register of two pages."""

    faults: tuple[dict[str, Any], ...] = ()

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        assert service == "invoices"
        if method == "configure_series":
            return {"position": 7, "receipt": "proof"}
        if method == "list_series":
            return {
                "series": [
                    {"name": "CN", "pattern": "{series}-{number:06}"},
                    {"name": "RE", "pattern": "{series}-{number}", "serves": ["invoice"], "resets": True},
                ],
                "registers": [{"series": "RE", "year": 2026, "taken": 2}],
            }
        if request["page_after"] == 0:
            return {"numbers": [NUMBER], "taken": 2, "faults": [], "next_page": 1}
        return {"numbers": [FORGOTTEN], "taken": 2, "faults": list(self.faults)}


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Registered:
    services = Registered()
    log_in(monkeypatch, services)
    return services


def test_the_register_shows_what_became_of_each_number(running: Registered) -> None:
    shown = tallystick("numbers", "register", "RE", "--year", "2026")
    assert shown.exit_code == 0
    first, second = shown.output.splitlines()
    assert first.split() == [
        *("RE-2026-04711", "2026-06-02", "invoice", "issued", "23.21", "EUR", "=Hof", "van", "Fietsen,"),
        *("corrected", "by", "CN-000001"),
    ]
    assert second.split() == ["RE-2026-04712", "2026-06-02", "invoice", "forgotten"]
    assert running.asked[0] == (
        "invoices",
        "number_register",
        {"series": "RE", "year": 2026, "page_after": 0, "limit": 500},
    )


def test_as_csv_no_customer_is_a_formula(running: Registered) -> None:
    rows = list(csv.DictReader(io.StringIO(tallystick("numbers", "register", "RE", "--csv").output)))
    assert [(row["number"], row["state"], row["customer_name"]) for row in rows] == [
        ("RE-2026-04711", "issued", "'=Hof van Fietsen"),
        ("RE-2026-04712", "forgotten", ""),
    ]
    assert "year" not in running.asked[0][2]


def test_a_register_with_a_gap_ends_with_status_1(running: Registered) -> None:
    running.faults = ({"place": 3, "kind": "missing"},)
    shown = tallystick("numbers", "register", "RE")
    assert (shown.exit_code, shown.stderr) == (1, "place 3: there is no number\n")


def test_a_series_is_configured(running: Registered) -> None:
    pattern = "{series}-{year}-{number:05}"
    arguments = ("RE", pattern, "--yearly", "--for", "invoice", "--first", "4711", "--first-year", "2026")
    assert tallystick("numbers", "configure", *arguments).output == "The series is configured.\n"
    asked = {"name": "RE", "pattern": pattern, "serves": ["invoice"], "resets": True, "year_starts_in": 1}
    assert running.done == [("invoices", "configure_series", {**asked, "first": 4711, "first_year": 2026})]


@pytest.mark.usefixtures("running")
def test_the_series_are_shown_with_how_many_numbers_they_gave() -> None:
    assert tallystick("numbers", "series").output.splitlines() == [
        "CN  {series}-{number:06}  for what names it",
        "RE  {series}-{number}  for invoice, anew each fiscal year from month 1",
        "       2 numbers given in RE 2026",
    ]
