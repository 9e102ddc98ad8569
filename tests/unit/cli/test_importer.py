"""A CSV becomes documents: what is taken, what is refused, and that nothing is lost between the two."""

import lzma
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cli.files import FileUnreadable
from cli.importer.documents import Document, group
from cli.importer.importer import Importer
from cli.importer.mapping import ColumnMapping, MappingInvalid, load_mapping
from cli.importer.rows import Row, header_of, read_rows, require_columns
from cli.main import main
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.cli.running import log_in

MAPPING_FILE = Path("deploy/demo/mappings/sample.yaml")
HEADER = "document,date,customer_no,customer,email,street,city,post_code,country,article,text,quantity,net_price"
GOOD = "RE1,2026-03-01,K-1,Kunde,k@kunde.example,Weg 1,Ort,12345,Germany,A-1,Bell,2,1.50"


@pytest.fixture(scope="module")
def mapping() -> ColumnMapping:
    return load_mapping(MAPPING_FILE)


def row(number: int = 1, **changes: str) -> Row:
    values = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | changes
    return Row(number, values, complete=True)


def codes(documents: list[Document]) -> list[str]:
    return [refused.code for document in documents for refused in document.refused]


def test_a_good_row_becomes_a_line(mapping: ColumnMapping) -> None:
    (document,) = group([row()], mapping)
    assert (document.kind, document.customer, document.country_code) == ("invoice", "K-1", "DE")
    assert document.lines[0].quantity == Decimal(2)


def test_a_cancellation_becomes_a_credit_note_with_a_positive_quantity(mapping: ColumnMapping) -> None:
    (document,) = group([row(document="GS9", quantity="-2")], mapping)
    assert (document.kind, document.lines[0].quantity) == ("credit_note", Decimal(2))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": ""}, "invoice_number_missing"),
        ({"document": "A-77"}, "document_kind_unknown"),
        ({"customer_no": ""}, "customer_missing"),
        ({"text": "?"}, "description_missing"),
        ({"quantity": "two"}, "quantity_not_a_number"),
        ({"quantity": "NaN"}, "quantity_not_a_number"),
        ({"net_price": ""}, "price_not_a_number"),
        ({"quantity": "0"}, "quantity_not_positive"),
        ({"quantity": "-1"}, "quantity_not_positive"),
        ({"document": "GS1"}, "quantity_not_negative"),
        ({"net_price": "0.00"}, "price_not_positive"),
        ({"date": "2026-02-30"}, "date_invalid"),
        ({"country": "Atlantis"}, "country_unknown"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(mapping: ColumnMapping, changes: dict[str, str], code: str) -> None:
    documents = group([row(1, **changes)], mapping)
    assert codes(documents) == [code]
    assert not documents[0].lines


def test_a_row_of_another_customer_on_the_same_invoice_is_refused(mapping: ColumnMapping) -> None:
    (document,) = group([row(1), row(2, customer_no="K-2")], mapping)
    assert [refused.row for refused in document.refused] == [2]


def test_a_refused_first_row_does_not_decide_the_customer(mapping: ColumnMapping) -> None:
    (document,) = group([row(1, customer_no="K-2", quantity="0"), row(2)], mapping)
    assert document.customer == "K-1"


def test_the_limit_counts_documents_and_takes_all_of_their_rows(mapping: ColumnMapping) -> None:
    rows = [row(1), row(2, document="RE2"), row(3, document="RE3"), row(4)]
    documents = group(rows, mapping, limit=2)
    assert {document.number: [line.row for line in document.lines] for document in documents} == {
        "RE1": [1, 4],
        "RE2": [2],
    }


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "document": st.sampled_from(["RE1", "RE2", "GS1", "X", ""]),
                "quantity": st.sampled_from(["1", "-1", "0", "x", ""]),
                "net_price": st.sampled_from(["1.25", "0", "-3", "∞"]),
                "customer_no": st.sampled_from(["K-1", "K-2", ""]),
            }
        )
    )
)
def test_taken_and_refused_rows_add_up_to_all_rows(changes: list[dict[str, str]]) -> None:
    documents = group((row(n, **c) for n, c in enumerate(changes, start=1)), load_mapping(MAPPING_FILE))
    seen = [line.row for d in documents for line in d.lines] + [refused.row for d in documents for refused in d.refused]
    assert sorted(seen) == list(range(1, len(changes) + 1))


def test_plain_and_compressed_files_read_the_same(tmp_path: Path) -> None:
    content = f"\ufeff{HEADER}\n{GOOD}\n\n{GOOD}\n".encode()
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "a.csv.xz").write_bytes(lzma.compress(content))
    assert list(read_rows(tmp_path / "a.csv")) == list(read_rows(tmp_path / "a.csv.xz"))
    assert [one.number for one in read_rows(tmp_path / "a.csv")] == [1, 2]


def test_a_row_with_missing_fields_is_refused_not_lost(tmp_path: Path, mapping: ColumnMapping) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{GOOD}\nRE1,2026-03-01\n", "utf-8")
    assert codes(group(read_rows(tmp_path / "a.csv"), mapping)) == ["row_incomplete"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00broken", lzma.compress(b"x" * 999)[:40], b'a,b\n1,"2\n3,4\n'])
def test_a_file_that_is_no_csv_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(FileUnreadable):
        list(read_rows(tmp_path / "a.csv"))


def test_columns_that_the_file_lacks_are_named(tmp_path: Path, mapping: ColumnMapping) -> None:
    (tmp_path / "a.csv").write_text(HEADER.replace(",text", ",words"), "utf-8")
    with pytest.raises(FileUnreadable, match="lacks columns that the mapping names: text"):
        require_columns(tmp_path / "a.csv", mapping.columns_used)


def test_columns_that_only_a_customer_is_made_of_are_asked_for_too(tmp_path: Path, mapping: ColumnMapping) -> None:
    (tmp_path / "a.csv").write_text(HEADER.replace(",street", ",road"), "utf-8")
    with pytest.raises(FileUnreadable, match="lacks columns that the mapping names: street"):
        require_columns(tmp_path / "a.csv", mapping.columns_used)


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="No such file"):
        header_of(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  invoice: document\n", "", "missing invoice"),
        ("currency: EUR", "currency: 5", "currency must be text"),
        ('invoice_number: "RE[0-9]+"', 'invoice_number: "["', "not a regular expression"),
        ("  Sweden: SE", "  NO: NO", "put it in quotes"),
        ("currency: EUR", "currency: EUR\ncolour: blue", "unknown parts: colour"),
        ("${street}", "$ 5", "customer.line: a column is named like this"),
    ],
)
def test_a_mapping_that_is_wrong_says_where(tmp_path: Path, old: str, new: str, says: str) -> None:
    broken = tmp_path / "m.yaml"
    broken.write_text(MAPPING_FILE.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(MappingInvalid, match=says):
        load_mapping(broken)


class Service:
    """Answers as the invoices service does and remembers what it was asked."""

    def __init__(self, refuse: str = "", code: str = ErrorCode.LINE_INVALID) -> None:
        self.asked: list[tuple[str, str]] = []
        self._refuse, self._code = refuse, code

    def __call__(self, method: str, request: Mapping[str, object], idempotency_key: str) -> Mapping[str, object]:
        self.asked.append((method, idempotency_key))
        if request.get("external_reference") == self._refuse:
            raise PublicError(self._code, "no")
        return {"customer_id": "c", "invoice_id": "i"}


def test_importing_again_sends_the_same_idempotency_keys(mapping: ColumnMapping) -> None:
    runs = []
    for _ in range(2):
        service = Service()
        Importer(service, mapping).run(group([row()], mapping), lambda: None)
        runs.append(service.asked)
    assert runs[0] == runs[1]
    assert [method for method, _ in runs[0]] == ["register_customer", "draft_invoice", "issue_invoice"]


def test_a_document_that_the_service_refuses_is_refused_row_by_row_and_the_rest_goes_on(mapping: ColumnMapping) -> None:
    service = Service(refuse="RE1")
    importer = Importer(service, mapping)
    importer.run(group([row(1), row(2), row(3, document="RE2")], mapping), lambda: None)
    assert [(refused.row, refused.code) for refused in importer.refused] == [(1, "line_invalid"), (2, "line_invalid")]
    assert [method for method, _ in service.asked][-1] == "issue_invoice"


def test_what_was_imported_otherwise_before_is_refused_with_what_to_do(mapping: ColumnMapping) -> None:
    importer = Importer(Service(refuse="RE1", code=ErrorCode.IDEMPOTENCY_CONFLICT), mapping)
    importer.run(group([row()], mapping), lambda: None)
    assert importer.issued == 0
    assert "imported before with other content" in importer.refused[0].reason


def test_another_name_takes_the_same_numbers_again(mapping: ColumnMapping) -> None:
    keys = []
    for name in ("import", "second"):
        service = Service()
        Importer(service, mapping, name).run(group([row()], mapping), lambda: None)
        keys.append({key for _, key in service.asked})
    assert keys[0].isdisjoint(keys[1])


class Bookkeeper:
    """A session that is logged in to this service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def command(self, _: str, method: str, request: Mapping[str, object], key: str) -> Mapping[str, object]:
        return self._service(method, request, key)


def imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Service, *rows: str) -> Result:
    """Run the command over these rows, in a folder where an earlier list of refused rows is open to everybody."""
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    (tmp_path / "refused.csv").write_text("earlier", "utf-8")
    (tmp_path / "refused.csv").chmod(0o644)
    log_in(monkeypatch, Bookkeeper(service))
    files = [str(tmp_path / "a.csv"), "--mapping", str(MAPPING_FILE), "--refused", str(tmp_path / "refused.csv")]
    return CliRunner().invoke(main, ["import", *files])


@pytest.mark.parametrize(
    ("rows", "status", "said"),
    [
        (["RE2"], 0, "Documents issued: 1. Rows refused: 0, see"),
        (["RE1", "RE2"], 0, "Documents issued: 1. Rows refused: 1, see"),
        (["RE1"], 1, "Documents issued: 0. Rows refused: 1, see"),
        (["A-77"], 1, "Documents issued: 0. Rows refused: 1, see"),
        ([], 0, "Documents issued: 0. Rows refused: 0, see"),
    ],
    ids=["all", "some", "none", "none that could be sent", "nothing there"],
)
def test_an_import_of_which_nothing_was_taken_is_no_success(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: list[str], status: int, said: str
) -> None:
    done = imported(monkeypatch, tmp_path, Service(refuse="RE1"), *(GOOD.replace("RE1", number) for number in rows))
    assert done.exit_code == status, done.output
    assert said in done.output


def test_refused_rows_are_for_the_one_who_imports_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    imported(monkeypatch, tmp_path, Service(refuse="RE1"), GOOD)
    written = tmp_path / "refused.csv"
    assert written.stat().st_mode & 0o777 == 0o600
    assert written.read_text("utf-8") == "row,invoice,code,reason\n1,RE1,line_invalid,no\n"


def test_a_refusal_that_is_not_about_the_document_stops_the_import(mapping: ColumnMapping) -> None:
    importer = Importer(Service(refuse="RE1", code=ErrorCode.PERMISSION_DENIED), mapping)
    with pytest.raises(PublicError, match="permission_denied"):
        importer.run(group([row()], mapping), lambda: None)
