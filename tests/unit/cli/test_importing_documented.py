"""docs/importing.md: its examples are imported, and it names every code, option and part there is."""

import inspect
import re
from pathlib import Path

import pytest

from cli.importer import documents, importer, whole
from cli.importer.commands import import_file
from cli.importer.mapped import MappedDocuments
from cli.importer.mapping import load_mapping
from cli.importer.prepared import Prepared
from cli.importer.rows import rows_of
from cli.importer.whole import WholeDocuments
from shared.contracts.importing import ImportedCustomerSchema, ImportedDocumentSchema

PAGE = Path("docs/importing.md").read_text("utf-8")
MAPPING, CSV, ROWS, WHOLE = re.findall(r"```(?:yaml|csv|json)\n(.+?)```", PAGE, re.DOTALL)


def mapped(folder: Path, text: str) -> list[Prepared]:
    (folder / "mapping").write_text(MAPPING, "utf-8")
    (folder / "data").write_text(text, "utf-8")
    mapping = load_mapping(folder / "mapping")
    return list(MappedDocuments(rows_of(folder / "data", mapping.columns_used), mapping))


def judge(document: Prepared) -> None:
    """Load it as the service does; ValidationError."""
    assert not document.refused
    ImportedCustomerSchema().load({"key": document.customer, "particulars": document.particulars})
    ImportedDocumentSchema().load({"key": "1", "customer": document.customer, "content": document.content})


def test_the_rows_are_documents_and_the_same_in_both_forms(tmp_path: Path) -> None:
    from_csv = mapped(tmp_path, CSV)
    for document in from_csv:
        judge(document)
    assert [each.content["document_type"] for each in from_csv] == ["invoice", "credit_note"]
    assert mapped(tmp_path, ROWS) == from_csv


def test_the_whole_document_is_one(tmp_path: Path) -> None:
    (tmp_path / "data").write_text(WHOLE, "utf-8")
    (document,) = WholeDocuments(tmp_path / "data")
    judge(document)


@pytest.mark.parametrize("module", [documents, importer, whole], ids=lambda module: module.__name__)
def test_every_code_is_explained(module: object) -> None:
    source = inspect.getsource(module)  # type: ignore[arg-type]  # a module
    codes = set(re.findall(r'"((?:[a-z]+_)+[a-z]+)",\s*(?:f?"|_CHANGED)', source))
    assert codes
    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE and code != "malformed_request"] == []


def test_every_option_is_explained() -> None:
    options = {name for option in import_file.params for name in option.opts if name.startswith("--")}
    assert [name for name in sorted(options) if f"`{name}" not in PAGE] == []
