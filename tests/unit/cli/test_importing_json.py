"""JSON goes in as CSV does: whole documents in the shapes of the interface, or rows by a mapping."""

import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cli.files import FileUnreadable
from cli.importer import json_objects
from cli.importer.json_objects import read_objects
from cli.importer.mapped import MappedDocuments
from cli.importer.mapping import load_mapping
from cli.importer.rows import rows_of
from cli.importer.whole import WholeDocuments
from cli.main import main
from tests.unit.cli.imports import GOOD, HEADER, MAPPING_FILE
from tests.unit.cli.running import log_in
from tests.unit.cli.test_import_in_batches import Bookkeeper, Service

CUSTOMER: dict[str, Any] = {"key": "K-1", "particulars": {"name": "Kunde", "email": "k@kunde.example"}}
CONTENT: dict[str, Any] = {"document_type": "invoice", "external_reference": "RE1", "lines": [{"quantity": "2"}]}


def document(key: str = "RE1", **changes: object) -> dict[str, Any]:
    return {"key": key, "customer": CUSTOMER, "content": CONTENT, **changes}


def written(path: Path, *documents: object) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in documents), "utf-8")
    return path


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


@given(st.lists(st.dictionaries(st.text(), VALUES)), st.booleans(), st.sampled_from([None, 2]))
def test_what_was_written_is_read_however_it_stands_there(
    tmp_path_factory: pytest.TempPathFactory,
    objects: list[dict[str, Any]],
    as_array: bool,  # noqa: FBT001 -- drawn
    indent: int | None,
) -> None:
    path = tmp_path_factory.mktemp("json") / "a"
    texts = [json.dumps(each, indent=indent, ensure_ascii=False) for each in objects]
    path.write_text(f"[{' , '.join(texts)}]\n" if as_array else "\r\n".join(texts), "utf-8", newline="")
    assert list(read_objects(path)) == objects


def test_a_long_object_is_read_in_pieces_and_one_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_objects, "_FIRST_READ", 7)
    path = written(tmp_path / "a", {"note": "x" * 1000}, {"note": "y"})
    assert [len(each["note"]) for each in read_objects(path)] == [1000, 1]
    monkeypatch.setattr(json_objects, "_LONGEST", 500)
    with pytest.raises(FileUnreadable, match="too long"):
        list(read_objects(path))


@pytest.mark.parametrize(
    "text",
    [
        *('{"a":1}{"a":', '[{"a":1}', '[{"a":1}] {}', '[{"a":1},]', "[1]", '{"a":1,"a":2}', '{"a":NaN}', "null"),
        *('{"a":1},{"a":2}', "[" * 100_000, '{"a":' * 100_000),
    ],
)
def test_what_is_no_json_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").write_text(text, "utf-8")
    with pytest.raises(FileUnreadable, match="not JSON after object"):
        list(read_objects(tmp_path / "a"))


def test_decimals_never_become_binary_floating_point(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"price": 0.10000000000000000001, "rate": 7.50, "days": 14}', "utf-8")
    assert next(read_objects(tmp_path / "a")) == {"price": "0.10000000000000000001", "rate": "7.50", "days": 14}


def test_compressed_files_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.xz").write_bytes(lzma.compress(json.dumps([document()]).encode()))
    (prepared,) = WholeDocuments(tmp_path / "a.xz")
    assert (prepared.number, prepared.customer, prepared.content, prepared.rows) == ("RE1", "K-1", CONTENT, [1])


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"key": "RE1", "customer": CUSTOMER}, "document_incomplete"),
        (document(key=""), "document_incomplete"),
        (document(content=[]), "document_incomplete"),
        (document(customer={"key": "K-1"}), "customer_missing"),
        (document(customer={"key": 1, "particulars": {}}), "customer_missing"),
        (document(customer={"key": "K-1", "particulars": []}), "customer_missing"),
        (document(colour="blue"), "malformed_request"),
    ],
)
def test_a_document_that_is_not_whole_is_refused_and_the_rest_goes_on(
    tmp_path: Path, spoilt: Mapping[str, object], code: str
) -> None:
    first, second = WholeDocuments(written(tmp_path / "a", spoilt, document("RE2")))
    assert [each.code for each in first.refused] == [code]
    assert not first.content
    assert second.content == CONTENT


def test_a_key_that_comes_twice_is_one_document_and_a_refusal(tmp_path: Path) -> None:
    _, second = WholeDocuments(written(tmp_path / "a", document(), document()))
    assert [(each.row, each.code) for each in second.refused] == [(2, "document_repeated")]


def test_what_an_export_says_besides_is_passed_over(tmp_path: Path) -> None:
    (each,) = WholeDocuments(written(tmp_path / "a", document(issued={"number": "INV-000001"})))
    assert each.content == CONTENT


def test_rows_in_json_become_the_same_documents_as_in_csv(tmp_path: Path) -> None:
    mapping, lines = load_mapping(MAPPING_FILE), [GOOD, GOOD.replace("A-1", "A-2")]
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *lines, ""]), "utf-8")
    rows: list[dict[str, Any]] = [dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in lines]
    rows[0]["quantity"], rows[1]["net_price"] = 2, 1.5
    written(tmp_path / "a.jsonl", *rows)
    columns = mapping.columns_used
    csv, jsonl = (list(MappedDocuments(rows_of(tmp_path / name, columns), mapping)) for name in ("a.csv", "a.jsonl"))
    jsonl[0].content["lines"][1]["unit_price"] += "0"
    assert csv == jsonl


def test_a_json_row_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    mapping = load_mapping(MAPPING_FILE)
    row = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    path = written(tmp_path / "a", {name: value for name, value in row.items() if name != "text"}, {**row, "text": []})
    (document,) = MappedDocuments(rows_of(path, mapping.columns_used), mapping)
    assert [each.code for each in document.refused] == ["row_incomplete"] * 2


def run(monkeypatch: pytest.MonkeyPatch, data: Path, service: Service, *options: str) -> Result:
    log_in(monkeypatch, Bookkeeper(service))
    return CliRunner().invoke(main, ["import", str(data), "--refused", str(data.with_name("r.csv")), *options])


def test_whole_documents_are_imported_without_a_mapping(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    service = Service()
    done = run(monkeypatch, written(tmp_path / "a", document(), document("RE2"), {}), service)
    assert done.exit_code == 0, done.output
    assert "Documents issued, now or by an earlier run: 2. Rows refused: 1, see" in done.output
    assert [each["content"] for each in service.documents()] == [CONTENT, CONTENT]
    assert service.asked[0][1]["customers"][0]["particulars"] == CUSTOMER["particulars"]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [(HEADER, (), "--mapping says what the columns"), ("{}", ("--partial",), "a whole document has none")],
)
def test_options_that_do_not_fit_the_file_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "a").write_text(text, "utf-8")
    done = run(monkeypatch, tmp_path / "a", Service(), *options)
    assert done.exit_code == 2
    assert said in done.output
