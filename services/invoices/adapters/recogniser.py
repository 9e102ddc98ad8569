"""What a file is, told by its bytes: a name and a media type are only what somebody says.

Nothing is unpacked that could be larger than it looks: pictures tell their size in the header, archives in their
directory. Pictures are decoded: one that ends too early would be half a picture to everybody who opens it. What a PDF
or a spreadsheet of the right form contains is not judged, but for macros, which have no place in a supporting document.
"""

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import NoReturn

from PIL import Image, UnidentifiedImageError

from services.invoices.adapters.drawing.logo import MAX_BYTES, MAX_PIXELS, LogoRefused, logo_svg
from services.invoices.domain import refusals_of_files

_MAX_PIXELS = 50_000_000
_MAX_UNPACKED = 64 * 1024 * 1024
_MAX_ENTRIES = 2000
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_MACROS = ("basic/", "scripts/", "macros/")


class ByBytes:
    """Recognises the kinds of file that BT-125 permits, and logos. Calls may take a few hundred milliseconds."""

    def require(self, media_type: str, content: bytes) -> None:
        """Refuse a file of another kind, or that nobody should be sent; PublicError file_refused."""
        _CHECKS[media_type](content)

    def require_logo(self, content: bytes) -> None:
        """Refuse what cannot be drawn as a logo; PublicError file_refused."""
        if len(content) > MAX_BYTES:
            _refuse(f"A logo has at most {MAX_BYTES} bytes.")
        _require_picture(content, ("PNG", "JPEG"), MAX_PIXELS)
        try:
            logo_svg(content)
        except LogoRefused as error:
            raise refusals_of_files.file_refused(f"This cannot be drawn as a logo: {error}.") from None


def _pdf(content: bytes) -> None:
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
        _refuse("This is no whole PDF.")


def _picture(kind: str) -> Callable[[bytes], None]:
    return lambda content: _require_picture(content, (kind,), _MAX_PIXELS)


def _require_picture(content: bytes, kinds: tuple[str, ...], most: int) -> None:
    """Refuse what is no picture, has more than `most` pixels, or ends before it is whole."""
    try:
        with Image.open(BytesIO(content), formats=kinds) as picture:
            # The header says how large it is; nothing has been unpacked yet.
            if picture.width * picture.height > most:
                _refuse(f"A picture has at most {most} pixels.")
            picture.verify()  # the checksums of a PNG; nothing of a JPEG
        with Image.open(BytesIO(content), formats=kinds) as picture:
            picture.draft("L", (1, 1))  # of a JPEG, an eighth of each side: all of it is read, and little kept
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _refuse(f"A picture has at most {most} pixels.")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        _refuse(f"This is no whole {' or '.join(kinds)}.")


def _csv(content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse("A CSV file is text in UTF-8.")
    if any(character < " " and character not in "\t\r\n" for character in text):
        _refuse("A CSV file has no control characters.")
    if text.lstrip().startswith("<"):
        _refuse("This is markup, no CSV.")


def _xlsx(content: bytes) -> None:
    with _archive(content) as archive:
        if not {"[Content_Types].xml", "xl/workbook.xml"} <= set(archive.namelist()):
            _refuse("This is no XLSX workbook.")


def _ods(content: bytes) -> None:
    with _archive(content) as archive:
        entries = archive.infolist()
        # The first entry says what it is (OpenDocument 1.3, part 2, 3.3): nothing else is read.
        said = entries[0] if entries else None
        if said is None or said.filename != "mimetype" or said.file_size != len(_ODS):
            _refuse("This is no OpenDocument spreadsheet.")
        if archive.read(said) != _ODS.encode() or "content.xml" not in archive.namelist():
            _refuse("This is no OpenDocument spreadsheet.")


def _archive(content: bytes) -> zipfile.ZipFile:
    """Open a ZIP that is what its directory says and stays within bounds when it is unpacked."""
    # Where the archive begins is where the file does: nothing else stands before it.
    if not content.startswith(b"PK\x03\x04"):
        _refuse("This is no spreadsheet.")
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        _refuse("This is no spreadsheet.")
    entries = archive.infolist()
    if len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > _MAX_UNPACKED:
        _refuse(f"Unpacked, a spreadsheet has at most {_MAX_UNPACKED} bytes.")
    for entry in entries:
        name = entry.filename.replace("\\", "/").casefold()
        if name.startswith("/") or ".." in name.split("/"):
            _refuse("This spreadsheet names files outside of itself.")
        if name.endswith("vbaproject.bin") or name.startswith(_MACROS):
            _refuse("A supporting document has no macros.")
    return archive


def _refuse(reason: str) -> NoReturn:
    raise refusals_of_files.file_refused(reason)


_CHECKS: Mapping[str, Callable[[bytes], None]] = {
    "application/pdf": _pdf,
    "image/png": _picture("PNG"),
    "image/jpeg": _picture("JPEG"),
    "text/csv": _csv,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _xlsx,
    _ODS: _ods,
}
