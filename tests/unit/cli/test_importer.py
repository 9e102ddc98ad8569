"""A CSV becomes documents: what is taken, what is refused, and that nothing is lost between the two."""

import lzma
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.files import FileUnreadable
from cli.importer.documents import Document, Documents
from cli.importer.mapping import ColumnMapping, MappingInvalid, load_mapping
from cli.importer.rows import header_of, read_rows, require_columns
from tests.unit.cli.imports import GOOD, HEADER, MAPPING_FILE, group, row


@pytest.fixture(scope="module")
def mapping() -> ColumnMapping:
    return load_mapping(MAPPING_FILE)


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
        ({"net_price": "1e3"}, "price_not_a_number"),
        ({"quantity": "1_000"}, "quantity_not_a_number"),
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


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"date": "2026-03-02"}, "date_differs"),
        ({"country": "France"}, "particulars_differ"),
        ({"street": "Weg 2"}, "particulars_differ"),
        ({"customer": "Kunde & Co"}, "particulars_differ"),
    ],
)
def test_a_row_that_says_otherwise_what_its_document_is_is_refused(
    mapping: ColumnMapping, changes: dict[str, str], code: str
) -> None:
    (document,) = group([row(1), row(2, **changes), row(3)], mapping)
    assert [(refused.row, refused.code) for refused in document.refused] == [(2, code)]


def test_the_time_of_day_of_a_row_does_not_matter(mapping: ColumnMapping) -> None:
    by_the_minute = replace(mapping, date_format="%Y-%m-%d %H:%M")
    (document,) = group([row(1, date="2026-03-01 10:00"), row(2, date="2026-03-01 10:01")], by_the_minute)
    assert (len(document.lines), document.issue_date) == (2, "2026-03-01")


def test_a_document_is_refused_as_a_whole_unless_asked_otherwise(mapping: ColumnMapping) -> None:
    rows = [row(1), row(2, quantity="0"), row(3), row(4, document="RE2")]
    refused, taken = group(rows, mapping, partial=False)
    assert [(each.row, each.code) for each in refused.refused] == [
        (2, "quantity_not_positive"),
        (1, "document_incomplete"),
        (3, "document_incomplete"),
    ]
    assert not refused.lines
    assert (taken.number, len(taken.lines), taken.refused) == ("RE2", 1, [])


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
    ),
    st.booleans(),
)
def test_taken_and_refused_rows_add_up_to_all_rows(changes: list[dict[str, str]], partial: bool) -> None:  # noqa: FBT001 -- drawn
    rows = (row(n, **c) for n, c in enumerate(changes, start=1))
    documents = group(rows, load_mapping(MAPPING_FILE), partial=partial)
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


def test_rows_of_one_document_may_stand_anywhere_and_a_complete_one_is_let_go(mapping: ColumnMapping) -> None:
    rows = [row(1), row(2, document="RE2"), row(3), row(4, document="RE3"), row(5, document="RE2")]
    documents = Documents(lambda: rows, mapping)
    assert len(documents) == 3
    assert [(each.number, [line.row for line in each.lines]) for each in documents] == [
        ("RE1", [1, 3]),
        ("RE3", [4]),
        ("RE2", [2, 5]),
    ]
