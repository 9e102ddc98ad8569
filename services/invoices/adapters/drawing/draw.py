"""An issued document as a hybrid PDF: A4 pages for people, tagged, with the Factur-X XML inside for machines.

PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), both written by Typst, which refuses to export what breaks them.
A pure function: equal documents give equal bytes, on any machine.
"""

import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
import msgspec
import typst

from services.invoices.adapters.drawing.embedded import completed
from services.invoices.adapters.drawing.letter import letter_of
from services.invoices.adapters.drawing.sheet import sheet_of
from services.invoices.domain.document.issued import Document
from services.invoices.domain.events.reminders import ReminderWritten
from shared.kernel.clock import from_rfc3339

_TEMPLATE = Path(__file__).parent / "template"
_FONTS = fontpkg_noto_sans.ROOT / "files"
_of_this_thread = threading.local()


def draw(
    document: Document,
    xml: bytes | None,
    *,
    logo: bytes | None = None,
    attachments: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the PDF that shows `document` and carries `xml`, its CII form, as `factur-x.xml`; None: a quote has none.

    `logo`: a PNG or JPEG of the seller. `attachments` holds contents by digest: they are files of the PDF, the others
    are named on the page alone. Raises LogoRefused. CPU-bound, and the interpreter is free meanwhile: call it in a
    native thread.
    """
    files = attachments or {}
    # Everything that anybody wrote goes in as JSON strings, which Typst never takes for markup or code.
    sheet = msgspec.json.encode(sheet_of(document, logo, files)).decode()
    drawn = _compiled("document.typ", document.issued_at, {"sheet": sheet, "xml": "" if xml is None else xml.decode()})
    return drawn if xml is None else completed(drawn, files)


def draw_letter(written: ReminderWritten, *, logo: bytes | None = None) -> bytes:
    """Return a reminder as a PDF, made as documents are, without XML: PDF/A-3b and PDF/UA-1. Raises LogoRefused."""
    sheet = msgspec.json.encode(letter_of(written, logo)).decode()
    return _compiled("letter.typ", written.written_at, {"sheet": sheet})


def _compiled(template: str, moment: str, inputs: dict[str, str]) -> bytes:
    drawn = _compiler(template).compile(
        sys_inputs=inputs,
        format="pdf",
        pdf_standards=["a-3b", "ua-1"],
        timestamp=from_rfc3339(moment).replace(microsecond=0),
    )
    if not isinstance(drawn, bytes):
        raise TypeError("a PDF is one piece of bytes")
    return drawn


def warm_up() -> None:
    """Load the typeface now, so that no call has to wait for it."""
    _fonts()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS])


def _compiler(template: str) -> typst.Compiler:
    """Return this thread's: one cannot serve two threads at once. It reads no file outside the template's folder."""
    compilers: dict[str, typst.Compiler] = _of_this_thread.__dict__
    if template not in compilers:
        compilers[template] = typst.Compiler(
            _TEMPLATE / template, root=_TEMPLATE, font_paths=_fonts(), ignore_system_fonts=True
        )
    return compilers[template]
