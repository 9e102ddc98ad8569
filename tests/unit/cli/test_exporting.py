"""What `tallystick export` writes: whole files that add up, for nobody but whoever exports."""

import base64
import csv
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.exporter import whole_files
from cli.importer.whole import WholeDocuments
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.unit.cli.running import Running, log_in, tallystick

ADDRESS = {"line": "Weg 1", "city": "Ort", "post_code": "12345", "country_code": "DE"}
LINE = {"name": "Bell", "quantity": "2", "unit_price": "1.50", "vat_category": "S", "vat_rate": "19"}
OFF = {"kind": "allowance", "amount": "0.50", "reason": "-1", "vat_category": "S", "vat_rate": "19"}


def document(number: str, kind: str = "invoice", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """One as the service sends it: two bells, half a euro off."""
    content = {
        "document_type": kind,
        "issue_date": "2026-11-02",
        "currency": "EUR",
        "lines": [LINE],
        "adjustments": [OFF],
    }
    particulars = {"name": "=HYPERLINK()", "email": "k@kunde.example", "address": ADDRESS}
    totals = {"net": "2.50", "vat": "0.48", "gross": "2.98", "prepaid": "0.00", "payable": "2.98"}
    return {
        "key": number,
        "customer": {"key": new_id(), "particulars": particulars},
        "content": {**content, **changes},
        "issued": {
            "invoice_id": new_id(),
            "number": number,
            "state": "issued",
            "issued_at": "2026-11-02T08:00:00.000000Z",
            "position": 7,
            "totals": {**totals, "lines": [{"net": "3.00"}], "adjustments": ["0.50"]},
        },
    }


class Service(Running):
    """Hands out a document on each page."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        super().__init__()
        self.documents, self.pending, self.expired_once, self.dies_at = list(documents), set[str](), False, -1
        self.tenant = new_id()

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Answer."""
        assert service == ("auth" if method == "whoami" else "invoices")
        if method == "whoami":
            return {"tenant": self.tenant}
        if method == "begin_export":
            return {"export": "permit", "documents": len(self.documents), "expires_at": ""}
        if method == "export_page":
            return self._page(int(str(request.get("page_after", -1))) + 1)
        return self._file(str(request["invoice_id"]), str(request["form"]))

    def _page(self, place: int) -> dict[str, Any]:
        if place == 1 and self.expired_once:
            self.expired_once = False
            raise PublicError(ErrorCode.EXPORT_INVALID, "no")
        if place == self.dies_at:
            raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, "no")
        more = {"next_page": place} if place + 1 < len(self.documents) else {}
        return {"documents": self.documents[place : place + 1], "looked_at": 1, **more}

    def _file(self, invoice_id: str, form: str) -> dict[str, Any]:
        if invoice_id in self.pending:
            raise PublicError(ErrorCode.DOCUMENT_PENDING, "no")
        content = base64.b64encode(f"{form} of {invoice_id}".encode()).decode()
        return {"content_base64": content, "proof": "a proof"}

    def fetched(self) -> int:
        """How many files were asked for."""
        return sum(method == "get_document" for _, method, _ in self.asked)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    service = Service(document("INV-1"), document("CN-1", "credit_note"), document("RE/2 ../é"))
    log_in(monkeypatch, service)
    return service


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("form", ["csv", "lines"])
def test_columns_add_up_and_no_text_is_a_formula(service: Service, tmp_path: Path, form: str) -> None:
    done = tallystick("export", str(tmp_path / "a"), "--as", form)
    assert done.exit_code == 0, done.output
    rows = table(tmp_path / "a")
    assert sum(Decimal(row["net"]) for row in rows) == Decimal("2.50")
    assert {row["customer"] for row in rows} == {"'=HYPERLINK()"}
    assert {row["document_type"]: row["net"][:1] for row in rows if row.get("kind") != "allowance"}[
        "credit_note"
    ] == "-"
    assert f"Documents in {tmp_path / 'a'}: {len(service.documents)}." in done.output


@pytest.mark.parametrize(
    ("said", "days", "due"),
    [
        ({"due_date": "2026-12-24", "payment_terms": {"discounts": []}}, 30, "2026-12-24"),
        ({"payment_terms": {"days": 14}}, 30, "2026-11-16"),
        ({"payment_terms": {"text": "soon"}}, 30, "2026-12-02"),
        ({"payment_terms": {"days": 0}}, 30, "2026-11-02"),
        ({}, 30, "2026-12-02"),
        ({}, None, "2026-11-02"),
    ],
)
def test_the_due_date_is_the_one_that_follows_from_the_terms(
    service: Service, tmp_path: Path, said: dict[str, Any], days: int | None, due: str
) -> None:
    service.documents[:] = [document("INV-1", **said)]
    if days is not None:
        service.documents[0]["customer"]["particulars"]["payment_days"] = days
    tallystick("export", str(tmp_path / "a"), "--as", "csv")
    assert [row["due_date"] for row in table(tmp_path / "a")] == [due]


def test_allowances_are_rows_beside_the_lines(service: Service, tmp_path: Path) -> None:
    del service.documents[1:]
    tallystick("export", str(tmp_path / "a"), "--as", "lines")
    line, allowance = table(tmp_path / "a")
    assert (line["line"], line["kind"], line["quantity"], line["net"]) == ("1", "line", "2", "3.00")
    assert (allowance["kind"], allowance["name"], allowance["net"]) == ("allowance", "'-1", "-0.50")


def test_json_is_what_an_import_takes(service: Service, tmp_path: Path) -> None:
    assert tallystick("export", str(tmp_path / "a"), "--as", "json").exit_code == 0
    lines = (tmp_path / "a").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == service.documents
    taken = list(WholeDocuments(tmp_path / "a"))
    assert [each.number for each in taken] == ["INV-1", "CN-1", "RE/2 ../é"]
    assert not any(each.refused for each in taken)


def test_a_file_is_there_whole_or_not_at_all_and_for_one_reader(service: Service, tmp_path: Path) -> None:
    service.dies_at = 2
    assert tallystick("export", str(tmp_path / "a"), "--as", "json").exit_code != 0
    assert not (tmp_path / "a").exists()
    service.dies_at = -1
    assert tallystick("export", str(tmp_path / "a"), "--as", "json").exit_code == 0
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert "exists: name a new file" in tallystick("export", str(tmp_path / "a"), "--as", "csv").output


def test_what_is_wanted_is_asked_for(service: Service, tmp_path: Path) -> None:
    days = ("--from", "2026-11-01", "--to", "2026-11-30", "--customer", "c")
    tallystick("export", str(tmp_path / "a"), "--as", "csv", *days)
    asked = next(request for _, method, request in service.asked if method == "begin_export")
    assert asked == {"since": "2026-11-01", "until": "2026-11-30", "customer_id": "c"}


def test_an_export_that_takes_too_long_is_begun_again_where_it_was(service: Service, tmp_path: Path) -> None:
    service.expired_once = True
    assert tallystick("export", str(tmp_path / "a"), "--as", "csv").exit_code == 0
    assert [row["number"] for row in table(tmp_path / "a")] == ["INV-1", "CN-1", "RE/2 ../é"]
    assert sum(method == "begin_export" for _, method, _ in service.asked) == 2


@pytest.mark.parametrize(("form", "ending"), [("pdf", "pdf"), ("ubl", "xml"), ("cii", "cii.xml")])
def test_a_folder_has_a_file_for_each_document_that_leads_nowhere_else(
    service: Service, tmp_path: Path, form: str, ending: str
) -> None:
    done = tallystick("export", str(tmp_path / "out"), "--as", form, "--proofs")
    assert done.exit_code == 0, done.output
    names = {f"{number}.{ending}" for number in ("INV-1", "CN-1", "RE%2F2 ..%2F%C3%A9")}
    files = {path for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")}
    assert {path.name for path in files} == names | {f"{name}.tlog-proof" for name in names}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    first = service.documents[0]["issued"]["invoice_id"]
    assert (tmp_path / "out" / f"INV-1.{ending}").read_text() == f"{form} of {first}"


def test_a_folder_is_gone_on_with_and_what_is_there_is_not_fetched_again(service: Service, tmp_path: Path) -> None:
    service.pending.add(service.documents[1]["issued"]["invoice_id"])
    first = tallystick("export", str(tmp_path / "out"), "--as", "pdf")
    assert (first.exit_code, service.fetched()) == (1, 3)
    assert "run the same again" in first.output
    service.pending.clear()
    assert tallystick("export", str(tmp_path / "out"), "--as", "pdf").exit_code == 0
    assert service.fetched() == 4


def test_a_folder_of_something_else_is_left_alone(service: Service, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "letter").touch()
    assert "holds something else" in tallystick("export", str(tmp_path / "own"), "--as", "pdf").output
    tallystick("export", str(tmp_path / "out"), "--as", "pdf")
    assert "holds something else" in tallystick("export", str(tmp_path / "out"), "--as", "ubl").output
    service.tenant = new_id()
    assert "holds something else" in tallystick("export", str(tmp_path / "out"), "--as", "pdf").output


@pytest.mark.parametrize("number", [".", "..", ".hidden", "a/b", "é" * 90, "x" * 300, ""])
def test_every_number_has_a_place_inside_its_folder(tmp_path: Path, number: str) -> None:
    folder = whole_files.DocumentFolder(tmp_path / "out", {})
    place = folder.place(number, "an-id", "pdf")
    assert place.parent == tmp_path / "out"
    assert not place.name.startswith(".")
    folder.write(place, b"content")


def test_proofs_go_with_files_only(service: Service, tmp_path: Path) -> None:
    assert tallystick("export", str(tmp_path / "a"), "--as", "csv", "--proofs").exit_code == 2
    assert service.asked == []
