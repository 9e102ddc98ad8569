"""What PDF/A-3b, PDF/UA-1 and Factur-X ask for, as far as libraries that did not write the file can see it.

No independent validator for PDF/A or PDF/UA runs here: Typst's own checks and these are what there is.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from facturx import get_xml_from_pdf
from lxml import etree
from PIL import Image

from services.invoices.adapters.drawing.draw import draw
from services.invoices.adapters.drawing.embedded import completed, embedded_xml
from services.invoices.adapters.xml.cii import cii
from services.invoices.domain.document.issued import Document
from tests.unit.invoices.drawing.papers import XML, document, full_document, lines

FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
PDFA_ID = "{http://www.aiim.org/pdfa/ns/id/}"
PDFUA_ID = "{http://www.aiim.org/pdfua/ns/id/}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
PROPERTY = "{http://www.aiim.org/pdfa/ns/property#}"

PAPERS = [document(), document(lines(100)), full_document(language="de")]


def logo() -> bytes:
    encoded = BytesIO()
    Image.new("RGBA", (40, 10), "#aa332280").save(encoded, "PNG")
    return encoded.getvalue()


@pytest.fixture(params=PAPERS, ids=["plain", "long", "everything"])
def opened(request: pytest.FixtureRequest) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(BytesIO(draw(request.param, XML, logo=logo()))) as pdf:
        yield pdf


def metadata(pdf: pikepdf.Pdf) -> etree._Element:
    return etree.fromstring(pdf.Root.Metadata.read_bytes(), etree.XMLParser(resolve_entities=False))


def texts(root: etree._Element, tag: str) -> list[str | None]:
    return [element.text for element in root.iter(tag)]


def structure(element: Any) -> Iterator[Any]:  # noqa: ANN401 -- pikepdf's objects have no narrower type
    """Every element of the structure tree below this one."""
    children = element.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from structure(child)


def test_the_file_is_whole(opened: pikepdf.Pdf) -> None:
    assert opened.check_pdf_syntax() == []


def test_it_says_what_it_conforms_to(opened: pikepdf.Pdf) -> None:
    root = metadata(opened)
    assert texts(root, f"{PDFA_ID}part") == ["3"]
    assert texts(root, f"{PDFA_ID}conformance") == ["B"]
    assert texts(root, f"{PDFUA_ID}part") == ["1"]
    assert texts(root, f"{FX}DocumentType") == ["INVOICE"]
    assert texts(root, f"{FX}DocumentFileName") == ["factur-x.xml"]
    assert texts(root, f"{FX}Version") == ["1.0"]
    assert texts(root, f"{FX}ConformanceLevel") == ["EN 16931"]


def test_the_schema_of_every_own_property_is_described(opened: pikepdf.Pdf) -> None:
    root = metadata(opened)
    assert FX[1:-1] in texts(root, f"{SCHEMA}namespaceURI")
    described = texts(root, f"{PROPERTY}name")
    assert {"DocumentType", "DocumentFileName", "Version", "ConformanceLevel"} <= set(described)


def test_the_xml_is_embedded_as_the_same_document_in_another_form(opened: pikepdf.Pdf) -> None:
    (file,) = opened.Root.AF
    assert (str(file.UF), str(file.F), str(file.AFRelationship)) == ("factur-x.xml", "factur-x.xml", "/Alternative")
    assert file.EF.F.read_bytes() == XML
    assert str(file.EF.F.Subtype) == "/text/xml"
    assert "/ModDate" in file.EF.F.Params
    assert list(opened.attachments) == ["factur-x.xml"]


@pytest.mark.parametrize("paper", PAPERS, ids=["plain", "long", "everything"])
def test_the_xml_is_taken_out_as_it_went_in(paper: Document) -> None:
    written = cii(paper)
    assert embedded_xml(draw(paper, written)) == written


def test_colours_are_defined_and_every_font_is_embedded(opened: pikepdf.Pdf) -> None:
    (intent,) = opened.Root.OutputIntents
    assert str(intent.S) == "/GTS_PDFA1"
    assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp"
    descriptors = [
        each
        for each in opened.objects
        if isinstance(each, pikepdf.Dictionary) and str(each.get("/Type", "")) == "/FontDescriptor"
    ]
    assert descriptors
    assert all("/FontFile2" in each or "/FontFile3" in each for each in descriptors)


def test_it_can_be_read_aloud(opened: pikepdf.Pdf) -> None:
    root = opened.Root
    assert bool(root.MarkInfo.Marked)
    assert str(root.Lang) in {"en", "de"}
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert opened.docinfo.Title
    elements = list(structure(root.StructTreeRoot))
    kinds = [str(each.S) for each in elements]
    assert kinds.count("/H1") == 1
    assert {"/Table", "/THead", "/TH", "/TBody", "/TD"} <= set(kinds)
    figures = [each for each in elements if str(each.S) == "/Figure"]
    assert len(figures) == 2
    assert all(str(each.Alt) for each in figures)


def test_it_was_made_when_it_was_issued(opened: pikepdf.Pdf) -> None:
    assert str(opened.docinfo.CreationDate) == "D:20261122090000Z"


@pytest.mark.parametrize("paper", PAPERS, ids=["plain", "long", "everything"])
def test_the_library_of_the_standard_finds_its_xml_and_takes_it(paper: Document) -> None:
    written = cii(paper)
    name, found = get_xml_from_pdf(draw(paper, written), check_xsd=True)
    assert name == "factur-x.xml"
    assert found == written


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7", b"startxref\n3\n%%EOF"])
def test_what_is_no_pdf_of_typst_gets_no_declaration(broken: bytes) -> None:
    with pytest.raises(ValueError, match="PDF"):
        completed(broken, {})
    with pytest.raises(ValueError, match="PDF"):
        embedded_xml(broken)
