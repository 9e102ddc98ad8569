"""A column can say when the VAT of a document becomes due (BT-7)."""

from pathlib import Path

import pytest

from cli.importer.mapped import MappedDocuments
from cli.importer.mapping import ColumnMapping, load_mapping
from cli.importer.prepared import Prepared
from cli.importer.rows import Row
from tests.unit.cli.imports import MAPPING_FILE, row


@pytest.fixture
def mapping(tmp_path: Path) -> ColumnMapping:
    text = MAPPING_FILE.read_text("utf-8").replace("columns:\n", "columns:\n  tax_point_date: Taxed\n", 1)
    (tmp_path / "mapping.yaml").write_text(text, "utf-8")
    return load_mapping(tmp_path / "mapping.yaml")


def documents(mapping: ColumnMapping, *rows: Row) -> list[Prepared]:
    return list(MappedDocuments(lambda: rows, mapping))


def test_the_day_of_a_column_is_the_documents_tax_point_date(mapping: ColumnMapping) -> None:
    (document,) = documents(mapping, row(1, Taxed="2026-02-28"), row(2, Taxed="2026-02-28"))
    assert document.content["tax_point_date"] == "2026-02-28"
    assert document.content["issue_date"] == "2026-03-01"


def test_an_empty_cell_names_no_day(mapping: ColumnMapping) -> None:
    (document,) = documents(mapping, row(1, Taxed=""))
    assert "tax_point_date" not in document.content


@pytest.mark.parametrize("other", ["2026-02-27", ""])
def test_rows_of_one_document_agree_on_the_day(other: str, mapping: ColumnMapping) -> None:
    (document,) = documents(mapping, row(1, Taxed="2026-02-28"), row(2, Taxed=other))
    assert [each.code for each in document.refused] == ["particulars_differ", "document_incomplete"]


def test_a_day_of_another_form_is_refused(mapping: ColumnMapping) -> None:
    (document,) = documents(mapping, row(1, Taxed="28.02.2026"))
    assert [each.code for each in document.refused] == ["date_invalid"]


def test_a_file_must_have_the_column(mapping: ColumnMapping) -> None:
    assert "Taxed" in mapping.columns_used
