"""Documents of a file that name one another go in an order in which they can be taken, under the keys of the import."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.importer.importer import Importer
from cli.importer.linked import named_first
from cli.importer.mapped import MappedDocuments
from cli.importer.mapping import ColumnMapping, load_mapping
from cli.importer.prepared import Prepared, Refused
from cli.importer.whole import WholeDocuments
from tests.unit.cli.imports import MAPPING_FILE, row
from tests.unit.cli.test_import_in_batches import Service


def naming(number: str, *keys: str) -> Prepared:
    content = {"external_reference": number, "lines": [], "preceding": [{"key": key} for key in keys]}
    return Prepared(number, "K-1", {"name": "Kunde"}, content, [int(number)])


def order(documents: list[Prepared]) -> list[str]:
    numbers = {each.number for each in documents}
    named = {each["key"] for document in documents for each in document.content["preceding"]}
    return [each.number for each in named_first(documents, numbers & named)]


@given(st.permutations(range(8)), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12))
def test_each_document_goes_behind_those_that_it_names(places: list[int], pairs: list[tuple[int, int]]) -> None:
    named = {number: sorted({str(low) for low, high in pairs if high == number and low < high}) for number in range(8)}
    gone = order([naming(str(number), *named[number]) for number in places])
    assert sorted(gone) == sorted(map(str, places))
    assert all(gone.index(key) < gone.index(str(number)) for number, keys in named.items() for key in keys)


def test_a_file_in_order_stays_as_it_is_and_a_circle_comes_last() -> None:
    assert order([naming("1"), naming("2", "1"), naming("3", "elsewhere")]) == ["1", "2", "3"]
    assert order([naming("1", "2"), naming("2", "1"), naming("3"), naming("4", "4")]) == ["3", "1", "2", "4"]


def run(documents: list[Prepared], service: Service, **options: Any) -> list[Refused]:  # noqa: ANN401 -- as the importer's
    refused: list[Refused] = []
    Importer(service, refused.append, **options).run(documents, lambda _: None)
    return refused


def test_earlier_documents_are_named_by_the_key_under_which_they_were_sent() -> None:
    service = Service()
    run([naming("1"), naming("2", "1")], service, name="moved")
    first, second = service.documents()
    assert second["content"]["preceding"] == [{"key": first["key"]}]


def test_an_earlier_document_of_another_form_is_left_for_the_service_to_judge() -> None:
    service = Service()
    said = [{"number": "2019/7"}, {"key": 7}, "2019/8"]
    run([Prepared("1", "K-1", {}, {"external_reference": "1", "preceding": [*said, {"key": "0"}]}, [1])], service)
    assert service.documents()[0]["content"]["preceding"][:3] == said


class Judge(Service):
    """Answers a dry run."""

    def _outcome(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        found = super()._outcome(content)
        return {**found, "state": "acceptable"} if found["state"] == "issued" else found


def test_a_dry_run_names_nothing_that_an_earlier_batch_would_have_issued() -> None:
    """It is not there to be named; what was refused, or was imported before, is named and judged."""
    service = Judge(refuse="2")
    long = [naming(str(number)) for number in range(1, 101)]
    run([*long, naming("101", "1"), naming("102", "2"), naming("103", "101")], service, dry_run=True)
    assert len(service.asked) == 2
    assert [len(each["content"]["preceding"]) for each in service.documents()[100:]] == [0, 1, 1]


def test_whole_documents_wait_for_those_of_their_file_alone(tmp_path: Path) -> None:
    customer = {"key": "K-1", "particulars": {}}
    asked = [("2", "1"), ("3", "elsewhere"), ("1", "0"), ("4", "5")]
    lines = [
        json.dumps({"key": key, "customer": customer, "content": {"preceding": [{"key": named}]}})
        for key, named in asked
    ]
    (tmp_path / "a").write_text("\n".join(lines), "utf-8")
    assert [each.number for each in WholeDocuments(tmp_path / "a")] == ["3", "1", "2", "4"]
    assert [each.number for each in WholeDocuments(tmp_path / "a", limit=2)] == ["2", "3"]


@pytest.fixture
def mapping(tmp_path: Path) -> ColumnMapping:
    text = MAPPING_FILE.read_text("utf-8").replace("columns:\n", "columns:\n  corrects: Corrects\n", 1)
    (tmp_path / "mapping.yaml").write_text(text, "utf-8")
    return load_mapping(tmp_path / "mapping.yaml")


def test_a_column_can_say_what_a_document_corrects(mapping: ColumnMapping) -> None:
    rows = [
        row(1, document="GS9", quantity="-2", Corrects="RE1"),
        row(2, document="GS9", quantity="-1", Corrects="RE1"),
        row(3, Corrects=""),
    ]
    first, second = MappedDocuments(lambda: rows, mapping)
    assert (first.number, "preceding" in first.content) == ("RE1", False)
    assert (second.number, second.content["preceding"]) == ("GS9", [{"key": "RE1"}])


def test_rows_of_one_document_agree_on_what_it_corrects(mapping: ColumnMapping) -> None:
    rows = [row(1, document="GS9", quantity="-2", Corrects="RE1"), row(2, document="GS9", quantity="-2", Corrects="")]
    (document,) = MappedDocuments(lambda: rows, mapping)
    assert [each.code for each in document.refused] == ["particulars_differ", "document_incomplete"]
