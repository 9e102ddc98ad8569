"""A document's attachments are files of its PDF, byte for byte; nothing in them or their names is taken for the PDF."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
from facturx import get_xml_from_pdf

from services.invoices.adapters.drawing.draw import draw
from services.invoices.adapters.drawing.embedded import embedded_xml
from services.invoices.adapters.xml.cii import cii
from services.invoices.domain.document.content import Attachment
from services.invoices.domain.document.issued import Document
from tests.unit.invoices.drawing.papers import XML, document, full_document
from tests.unit.invoices.files import GOOD, PDF_TYPE

_ENDINGS = ("pdf", "png", "jpg", "csv", "xlsx", "ods")
TRAPS = {
    "(factur-x.xml) 5 0 R.pdf": b"\nendstream\nendobj\n1 0 obj\n<</Type/Catalog>>\nendobj\nstartxref\n0\n%%EOF",
    "((.pdf": b"1 0 obj\n<</Length 1/Type/EmbeddedFile/Subtype/text#2Fxml/Params<</Size 1>>>>\nstream\n<",
    "aaa) endobj stream.pdf": b"%PDF-1.7\n/Root 1 0 R startxref 1 %%EOF",
    "Stunden für Zoë \N{SNOWMAN}.pdf": b"",
}
"""Names and contents that a careless reader of PDFs takes for parts of it."""


def attached(content: bytes, name: str, media_type: str = PDF_TYPE, description: str | None = None) -> Attachment:
    return Attachment(f"R-{name}", name, media_type, sha256(content).hexdigest(), description)


def with_files(attachments: list[Attachment], contents: list[bytes]) -> tuple[Document, Mapping[str, bytes]]:
    stored = {sha256(each).hexdigest(): each for each in contents}
    return full_document(attachments=tuple(attachments)), stored


def test_each_kind_of_attachment_is_a_file_of_the_pdf() -> None:
    named = [
        attached(content, f"file.{ending}", media_type, description)
        for (media_type, content), ending, description in zip(
            GOOD.items(), _ENDINGS, ["Hours", None, "Zoë's", "a) b", "", "x"], strict=True
        )
    ]
    paper, stored = with_files(named, list(GOOD.values()))
    with pikepdf.open(BytesIO(draw(paper, XML, attachments=stored))) as pdf:
        assert pdf.check_pdf_syntax() == []
        files = {str(each.UF): each for each in pdf.Root.AF}
        assert set(files) == set(pdf.attachments) == {"factur-x.xml", *(each.file_name for each in named)}
        for each in named:
            file = files[each.file_name]
            assert file.EF.F.read_bytes() == file.EF.UF.read_bytes() == stored[each.digest]
            assert int(file.EF.F.Params.Size) == len(stored[each.digest])
            assert str(file.EF.F.Params.ModDate) == "D:20261122090000Z"
            assert str(file.EF.F.Subtype) == f"/{each.media_type}"
            assert str(file.AFRelationship) == "/Supplement"
            assert str(file.Desc) == (each.description or each.reference)


def test_names_and_contents_that_look_like_parts_of_a_pdf_are_kept_as_they_are() -> None:
    paper, stored = with_files([attached(TRAPS[name], name) for name in TRAPS], list(TRAPS.values()))
    drawn = draw(paper, XML, attachments=stored)
    with pikepdf.open(BytesIO(drawn)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert {str(each.UF): each.EF.F.read_bytes() for each in pdf.Root.AF} == {"factur-x.xml": XML, **TRAPS}
    assert embedded_xml(drawn) == XML


def test_the_library_of_the_standard_still_finds_the_xml_among_the_files() -> None:
    paper, stored = with_files([attached(TRAPS[name], name) for name in TRAPS], list(TRAPS.values()))
    written = cii(paper, stored)
    name, found = get_xml_from_pdf(draw(paper, written, attachments=stored), check_xsd=True)
    assert (name, found) == ("factur-x.xml", written)


def test_equal_files_give_equal_bytes_and_others_do_not() -> None:
    content = GOOD[PDF_TYPE]
    paper, stored = with_files([attached(content, "one.pdf"), attached(content, "two.pdf")], [content])
    drawn = draw(paper, XML, attachments=stored)
    assert draw(paper, XML, attachments=stored) == drawn
    assert drawn.count(content) == 2
    assert draw(paper, XML) != drawn


def test_a_file_that_is_named_and_not_there_is_none_of_the_pdf() -> None:
    paper, _ = with_files([attached(b"%PDF-", "hours.pdf")], [])
    with pikepdf.open(BytesIO(draw(paper, XML))) as pdf:
        assert list(pdf.attachments) == ["factur-x.xml"]


@pytest.mark.parametrize("number", ["INV endobj", "startxref 0 %%EOF", "/Metadata 1 0 R", "</rdf:RDF>"])
def test_a_number_that_looks_like_a_part_of_a_pdf_is_drawn(number: str) -> None:
    drawn = draw(document(number=number), XML)
    assert embedded_xml(drawn) == XML
    with pikepdf.open(BytesIO(drawn)) as pdf:
        assert str(pdf.docinfo.Title) == f"Invoice {number}"
