"""Files as people attach them, made here: nothing is read from a disk."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

from PIL import Image

PDF_TYPE, PNG_TYPE, JPEG_TYPE, CSV_TYPE = "application/pdf", "image/png", "image/jpeg", "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def picture(kind: str, size: tuple[int, int] = (40, 10), colour: str = "#aa3322") -> bytes:
    encoded = BytesIO()
    Image.new("RGB", size, colour).save(encoded, kind)
    return encoded.getvalue()


def archive(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", compression) as out:
        for name, content in entries.items():
            out.writestr(name, content)
    return written.getvalue()


WORKBOOK = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
SPREADSHEET = {"mimetype": ODS_TYPE.encode(), "content.xml": b"<office:document-content/>"}
GOOD: Mapping[str, bytes] = {
    PDF_TYPE: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n",
    PNG_TYPE: picture("PNG"),
    JPEG_TYPE: picture("JPEG"),
    CSV_TYPE: "\ufeffTag;Stunden\r\n2026-11-02;7,5\r\nSumme für Zoë;7,5\r\n".encode(),
    XLSX_TYPE: archive(WORKBOOK),
    ODS_TYPE: archive(SPREADSHEET, zipfile.ZIP_STORED),
}
"""One of each kind that BT-125 permits."""
