"""A file is what its bytes say, whatever it is called; and nothing is unpacked that is larger than it looks."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from services.invoices.adapters.recogniser import ByBytes
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.files import (
    CSV_TYPE,
    GOOD,
    JPEG_TYPE,
    ODS_TYPE,
    PDF_TYPE,
    PNG_TYPE,
    SPREADSHEET,
    WORKBOOK,
    XLSX_TYPE,
    archive,
    picture,
)

BYTES = ByBytes()
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes that unpack to as many pixels as their header says."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def photograph(kind: str) -> bytes:
    """A picture with something in it everywhere, the same each time."""
    encoded = BytesIO()
    Image.radial_gradient("L").convert("RGB").save(encoded, kind)
    return encoded.getvalue()


def refusal(media_type: str, content: bytes) -> str:
    with pytest.raises(PublicError) as refused:
        BYTES.require(media_type, content)
    assert refused.value.code is ErrorCode.FILE_REFUSED
    return refused.value.message


@pytest.mark.parametrize("media_type", GOOD)
def test_each_kind_that_may_be_attached_is_recognised(media_type: str) -> None:
    BYTES.require(media_type, GOOD[media_type])


@pytest.mark.parametrize(("said", "content"), [(said, GOOD[other]) for said in GOOD for other in GOOD if said != other])
def test_a_file_of_another_kind_than_is_said_is_refused(said: str, content: bytes) -> None:
    if said == CSV_TYPE and content == GOOD[PDF_TYPE]:
        BYTES.require(said, content)  # a PDF of plain text is text: a receiver opens it as what it is called
        return
    refusal(said, content)


@pytest.mark.parametrize("said", GOOD)
@pytest.mark.parametrize(
    "content", [HTML, b"\xef\xbb\xbf  " + HTML, b"MZ\x90\x00", b"\x00"], ids=["page", "BOM", "program", "zero"]
)
def test_a_page_or_program_is_no_attachment_whatever_is_said(said: str, content: bytes) -> None:
    refusal(said, content)


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_picture_that_unpacks_to_gigabytes_is_refused_by_its_header(side: int) -> None:
    bomb = png_that_says(side, side)
    assert len(bomb) < 100
    assert "pixels" in refusal(PNG_TYPE, bomb)
    with pytest.raises(PublicError) as refused:
        BYTES.require_logo(bomb)
    assert refused.value.code is ErrorCode.FILE_REFUSED


def test_half_a_document_is_refused() -> None:
    refusal(PDF_TYPE, GOOD[PDF_TYPE][:20])


@pytest.mark.parametrize("missing", [12, 40, 600, 1200])
@pytest.mark.parametrize(("kind", "media_type"), [("PNG", PNG_TYPE), ("JPEG", JPEG_TYPE)])
def test_a_picture_whose_end_is_missing_is_refused_as_attachment_and_as_logo(
    kind: str, media_type: str, missing: int
) -> None:
    whole = photograph(kind)
    BYTES.require(media_type, whole)
    BYTES.require_logo(whole)
    said = refusal(media_type, whole[:-missing])
    with pytest.raises(PublicError) as refused:
        BYTES.require_logo(whole[:-missing])
    assert refused.value.code is ErrorCode.FILE_REFUSED
    assert f"no whole {kind}" in said


def test_a_png_of_too_few_rows_is_refused() -> None:
    assert "no whole PNG" in refusal(PNG_TYPE, png_that_says(40, 40))


def test_a_large_photograph_is_still_an_attachment() -> None:
    BYTES.require(JPEG_TYPE, picture("JPEG", (6_000, 4_000)))


@pytest.mark.parametrize(
    "entries",
    [
        {**WORKBOOK, "xl/vbaProject.bin": b"macro"},
        {**WORKBOOK, "XL/VBAPROJECT.BIN": b"macro"},
        {**WORKBOOK, "../../etc/passwd": b"root"},
        {**WORKBOOK, "..\\startup.exe": b"MZ"},
        {**WORKBOOK, "/etc/passwd": b"root"},
        {**WORKBOOK, "xl/worksheets/sheet1.xml": b"0" * (65 * 1024 * 1024)},
        {**WORKBOOK, **{f"xl/{number}.xml": b"" for number in range(2000)}},
        {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"},
    ],
    ids=["macros", "MACROS", "out of it", "out of it on Windows", "from the root", "bomb", "many entries", "a letter"],
)
def test_a_workbook_with_macros_or_traps_is_refused(entries: dict[str, bytes]) -> None:
    content = archive(entries)
    assert len(content) < 1_000_000
    refusal(XLSX_TYPE, content)


@pytest.mark.parametrize(
    "entries",
    [
        {**SPREADSHEET, "Basic/Standard/Module1.xml": b"macro"},
        {**SPREADSHEET, "Scripts/python/a.py": b"macro"},
        {"content.xml": b"<x/>", "mimetype": ODS_TYPE.encode()},
        {**SPREADSHEET, "mimetype": b"application/vnd.oasis.opendocument.text"},
        {"mimetype": ODS_TYPE.encode()},
        {},
    ],
    ids=["Basic", "Python", "another first entry", "a letter", "no content", "nothing"],
)
def test_what_is_no_plain_open_document_spreadsheet_is_refused(entries: dict[str, bytes]) -> None:
    refusal(ODS_TYPE, archive(entries))


def test_an_archive_with_something_before_it_is_refused() -> None:
    refusal(XLSX_TYPE, HTML + GOOD[XLSX_TYPE])


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_png_or_jpeg_is_a_logo(kind: str) -> None:
    BYTES.require_logo(picture(kind))


@pytest.mark.parametrize("content", [HTML, b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture("GIF")])
def test_nothing_else_is_a_logo(content: bytes) -> None:
    with pytest.raises(PublicError) as refused:
        BYTES.require_logo(content)
    assert refused.value.code is ErrorCode.FILE_REFUSED
