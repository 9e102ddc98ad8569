"""What an import sends to the service, and what it says about the answers."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.importer.documents import Document
from cli.importer.importer import Importer
from cli.importer.mapped import prepared
from cli.importer.mapping import ColumnMapping, load_mapping
from cli.importer.prepared import Refused
from cli.main import main
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.importing import MOST_DOCUMENTS
from tests.unit.cli.imports import GOOD, HEADER, MAPPING_FILE, group, row
from tests.unit.cli.running import log_in


@pytest.fixture(scope="module")
def mapping() -> ColumnMapping:
    return load_mapping(MAPPING_FILE)


class Service:
    """Answers as the invoices service does and remembers what it was asked."""

    def __init__(self, refuse: str = "", code: str = ErrorCode.LINE_INVALID) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self._refuse, self._code = refuse, code

    def __call__(self, method: str, request: Mapping[str, Any], idempotency_key: str) -> Mapping[str, Any]:
        assert method == "import_documents"
        self.asked.append((idempotency_key, request))
        return {"outcomes": [self._outcome(document["content"]) for document in request["documents"]]}

    def _outcome(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        if content["external_reference"] == self._refuse:
            return {"state": "refused", "refusal": {"code": self._code, "message": "no", "details": {"owed": "1.00"}}}
        return {"state": "issued", "mailed": True}

    def documents(self) -> list[Mapping[str, Any]]:
        """All documents that were sent, with their keys."""
        return [document for _, request in self.asked for document in request["documents"]]


class Unwilling(Service):
    """Refuses the call as a whole."""

    def _outcome(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        raise PublicError(ErrorCode.PERMISSION_DENIED, "no")


def run(
    service: Service, documents: Iterable[Document], name: str = "import", *, customers_as_first: bool = False
) -> tuple[Importer, list[Refused]]:
    """Import; return also what was refused."""
    refused: list[Refused] = []
    importer = Importer(service, refused.append, name, customers_as_first=customers_as_first)
    mapping = load_mapping(MAPPING_FILE)
    importer.run((prepared(document, mapping) for document in documents), lambda _: None)
    return importer, refused


def test_importing_again_sends_the_same_again(mapping: ColumnMapping) -> None:
    runs = []
    for _ in range(2):
        service = Service()
        run(service, group([row(), row(2, document="GS9", quantity="-2")], mapping))
        runs.append(service.asked)
    assert runs[0] == runs[1]
    assert len(runs[0]) == 1


def test_a_document_has_its_key_whatever_else_is_in_the_file(mapping: ColumnMapping) -> None:
    alone, among = Service(), Service()
    run(alone, group([row(document="RE7")], mapping))
    run(among, group([row(n, document=f"RE{n}") for n in range(1, 250)], mapping))
    assert alone.documents()[0] == among.documents()[6]
    assert len({document["key"] for document in among.documents()}) == len(among.documents())
    assert max(len(request["documents"]) for _, request in among.asked) == MOST_DOCUMENTS


def test_a_batch_is_small_also_when_its_documents_are_long(mapping: ColumnMapping) -> None:
    service = Service()
    run(service, group([row(n, document=f"RE{n // 400}") for n in range(2400)], mapping))
    assert [len(request["documents"]) for _, request in service.asked] == [2, 2, 2]


def test_a_document_that_says_otherwise_who_its_customer_is_is_refused(mapping: ColumnMapping) -> None:
    service = Service()
    rows = [
        row(1),
        row(2, document="RE2", street="Weg 2"),
        row(3, document="RE3", customer_no="K-2"),
        row(4, document="RE4"),
    ]
    importer, refused = run(service, group(rows, mapping))
    assert [(each.row, each.invoice, each.code) for each in refused] == [(2, "RE2", "customer_changed")]
    assert "--customers-as-first" in refused[0].reason
    assert importer.taken == len(service.documents()) == 3


def test_what_the_first_document_says_of_a_customer_holds_for_all_where_asked(mapping: ColumnMapping) -> None:
    service = Service()
    rows = [row(n, document=f"RE{n}", street=f"Weg {n}") for n in range(1, 200)]
    importer, refused = run(service, group(rows, mapping), customers_as_first=True)
    assert (importer.taken, importer.changed, refused) == (199, {"K-1"}, [])
    streets = [each["particulars"]["address"]["line"] for _, request in service.asked for each in request["customers"]]
    assert streets == ["Weg 1", "Weg 1"]


def test_a_document_that_the_service_refuses_is_refused_row_by_row_and_the_rest_goes_on(mapping: ColumnMapping) -> None:
    service = Service(refuse="RE1")
    importer, refused = run(service, group([row(1), row(2), row(3, document="RE2"), row(4, quantity="x")], mapping))
    assert [(each.row, each.code) for each in refused] == [
        (1, "line_invalid"),
        (2, "line_invalid"),
        (4, "quantity_not_a_number"),
    ]
    assert (importer.taken, importer.partly) == (1, 0)


def test_documents_without_some_of_their_rows_are_counted(mapping: ColumnMapping) -> None:
    importer, refused = run(Service(), group([row(1), row(2, quantity="x"), row(3, document="RE2")], mapping))
    assert (importer.taken, importer.partly, len(refused)) == (2, 1, 1)


def test_what_was_imported_otherwise_before_is_refused_with_what_to_do(mapping: ColumnMapping) -> None:
    importer, refused = run(Service(refuse="RE1", code=ErrorCode.IDEMPOTENCY_CONFLICT), group([row()], mapping))
    assert importer.taken == 0
    assert "imported before with other content" in refused[0].reason


def test_another_name_takes_the_same_numbers_again(mapping: ColumnMapping) -> None:
    keys = []
    for name in ("import", "second"):
        service = Service()
        run(service, group([row()], mapping), name)
        keys.append({document["key"] for document in service.documents()})
    assert keys[0].isdisjoint(keys[1])


class Bookkeeper:
    """A session that is logged in to this service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def command(self, _: str, method: str, request: Mapping[str, object], key: str) -> Mapping[str, object]:
        return self._service(method, request, key)


def imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Service, *rows: str, options: tuple[str, ...] = ()
) -> Result:
    """Run the command over these rows, in a folder where an earlier list of refused rows is open to everybody."""
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    (tmp_path / "refused.csv").write_text("earlier", "utf-8")
    (tmp_path / "refused.csv").chmod(0o644)
    log_in(monkeypatch, Bookkeeper(service))
    files = [str(tmp_path / "a.csv"), "--mapping", str(MAPPING_FILE), "--refused", str(tmp_path / "refused.csv")]
    return CliRunner().invoke(main, ["import", *files, *options])


@pytest.mark.parametrize(
    ("rows", "status", "said"),
    [
        (["RE2"], 0, "Documents issued, now or by an earlier run: 1. Rows refused: 0"),
        (["RE1", "RE2"], 0, "Documents issued, now or by an earlier run: 1. Rows refused: 1, see"),
        (["RE1"], 1, "Documents issued, now or by an earlier run: 0. Rows refused: 1, see"),
        (["A-77"], 1, "Documents issued, now or by an earlier run: 0. Rows refused: 1, see"),
        ([], 0, "Documents issued, now or by an earlier run: 0. Rows refused: 0"),
    ],
    ids=["all", "some", "none", "none that could be sent", "nothing there"],
)
def test_an_import_of_which_nothing_was_taken_is_no_success(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: list[str], status: int, said: str
) -> None:
    done = imported(monkeypatch, tmp_path, Service(refuse="RE1"), *(GOOD.replace("RE1", number) for number in rows))
    assert done.exit_code == status, done.output
    assert said in done.output
    assert ("see " in done.output) is ("Rows refused: 1" in said)


BAD = GOOD.replace(",2,1.50", ",two,1.50")


@pytest.mark.parametrize(
    ("options", "said", "codes"),
    [
        (
            (),
            "Documents issued, now or by an earlier run: 1. Rows refused: 2, see",
            ["quantity_not_a_number", "document_incomplete"],
        ),
        (
            ("--partial",),
            "earlier run: 2, 1 of them without rows that were refused. Rows refused: 1, see",
            ["quantity_not_a_number"],
        ),
    ],
    ids=["as a whole", "in part"],
)
def test_a_document_with_a_refused_row_is_refused_as_a_whole_or_where_asked_in_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...], said: str, codes: list[str]
) -> None:
    done = imported(monkeypatch, tmp_path, Service(), BAD, GOOD, GOOD.replace("RE1", "RE2"), options=options)
    assert done.exit_code == 0, done.output
    assert said in done.output
    with (tmp_path / "refused.csv").open(newline="") as stream:
        assert [each["code"] for each in csv.DictReader(stream)] == codes


def test_refused_rows_are_for_the_one_who_imports_only_and_say_the_details(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    imported(monkeypatch, tmp_path, Service(refuse="RE1"), GOOD)
    written = tmp_path / "refused.csv"
    assert written.stat().st_mode & 0o777 == 0o600
    assert written.read_text("utf-8") == "row,invoice,code,reason\n1,RE1,line_invalid,no (owed: 1.00)\n"


def test_a_refusal_that_is_not_about_the_document_stops_the_import(mapping: ColumnMapping) -> None:
    with pytest.raises(PublicError, match="permission_denied"):
        run(Unwilling(), group([row()], mapping))


def test_an_import_says_how_many_documents_it_mails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = imported(monkeypatch, tmp_path, Service(refuse="RE1"), GOOD, *(GOOD.replace("RE1", f"RE{n}") for n in "23"))
    assert "Mailed to their customers, once: 2" in done.output


class Unmailed(Service):
    """Has mailed one document before, and mails no other."""

    def _outcome(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"state": "issued", "mailed": content["external_reference"] == "RE1"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([GOOD.replace("RE1", "RE2")], "Mailed to nobody."),
        ([GOOD], "Mailed to their customers by an earlier run, without --no-mail: 1"),
    ],
)
def test_an_import_without_mail_asks_for_it_and_says_what_was_mailed_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: list[str], said: str
) -> None:
    service = Unmailed()
    done = imported(monkeypatch, tmp_path, service, *rows, options=("--no-mail",))
    assert [request["mail"] for _, request in service.asked] == [False]
    assert said in done.output


class Foreseeing(Service):
    """A service that has issued one document already, and finds nothing against the others."""

    def _outcome(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"state": "issued" if content["external_reference"] == "RE1" else "acceptable", "mailed": True}


def test_a_dry_run_says_how_many_documents_the_import_would_mail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [GOOD, *(GOOD.replace("RE1", f"RE{n}") for n in "23")]
    done = imported(monkeypatch, tmp_path, Foreseeing(), *rows, options=("--dry-run",))
    assert "An import MAILS its documents to their customers: 2" in done.output


def test_a_dry_run_says_what_would_be_refused_and_asks_for_nothing_to_be_issued(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service = Service(refuse="RE1")
    done = imported(monkeypatch, tmp_path, service, GOOD, GOOD.replace("RE1", "RE2"), options=("--dry-run",))
    assert all(request["dry_run"] for _, request in service.asked)
    assert "Nothing was issued. Documents that can be: 1. Rows that would be refused: 1, see" in done.output
    assert "line_invalid: 1" in done.output
