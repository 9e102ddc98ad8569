"""Drawing on A4: a thin layer over fpdf2 that puts lines of text at exact places, in millimetres.

Text is placed line by line on its baseline, which is several times faster than fpdf2's cells and tables, and
nothing flows by itself: the layout knows before it draws what goes on which page.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from fpdf import FPDF
from fpdf.fonts import TTFFont

from services.invoices.adapters.typeface import printable, typeface_for

WIDTH, HEIGHT = 210.0, 297.0
_FAMILY = "noto"
_LEADING = 0.47
"""Millimetres from baseline to baseline, per point of size."""

Colour = tuple[int, int, int]
INK: Colour = (33, 37, 41)
QUIET: Colour = (108, 117, 125)
ACCENT: Colour = (17, 75, 95)
TINT: Colour = (240, 244, 246)
HAIRLINE: Colour = (214, 220, 224)
WHITE: Colour = (255, 255, 255)


class Paper:
    """The document being drawn. `characters`: everything that will be written on it."""

    def __init__(self, characters: Iterable[str], *, title: str, created: datetime) -> None:
        used = set(printable("".join(set(characters) - {"\n"})))
        face = typeface_for(used)
        self._pdf = FPDF(format="A4", unit="mm")
        needed = sorted({ord(character) for character in used} | {ord(" ")})
        for style, path in (("", face.regular), ("B", face.bold)):
            self._pdf.add_font(_FAMILY, style, path, unicode_range=list(needed))
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                # The cut's glyphs carry their boxes; computing them again would take half of a document's time.
                font.ttfont.recalcBBoxes = False
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_title(title)
        self._pdf.set_producer("Tallystick")
        self._pdf.set_lang("en")
        self._pdf.set_creation_date(created)
        self._pdf.set_display_mode("fullpage")
        self._width_of = lru_cache(maxsize=4096)(self._measure)

    def new_page(self) -> None:
        """Start the next page."""
        self._pdf.add_page()

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9,
        bold: bool = False,
        colour: Colour = INK,
        align: str = "left",
        within: float | None = None,
    ) -> None:
        """Write one line with its baseline at `y`; `x` is its left end, or its right end with `align="right"`.

        A line that would be wider than `within` is written smaller, so that it fits.
        """
        text = printable(text)
        if within is not None:
            size *= min(1.0, within / self._width_of(text, size, bold))
        if align == "right":
            x -= self._width_of(text, size, bold)
        self._pdf.set_font(_FAMILY, "B" if bold else "", size)
        self._pdf.set_text_color(*colour)
        self._pdf.text(x, y, text)

    def put_within(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float,
        height: float,
        size: float = 9,
        bold: bool = False,
        colour: Colour = INK,
        align: str = "left",
    ) -> float:
        """Write a text of one or more lines, the first on `y`, smaller when it would not fit; return the next baseline.

        Nothing is cut off: what an invoice says about its parties must be on it.
        """
        lines = self.wrap(text, width, size=size, bold=bold)
        while len(lines) * size * _LEADING > height:
            size *= 0.9
            lines = self.wrap(text, width, size=size, bold=bold)
        for line in lines:
            self.put(x, y, line, size=size, bold=bold, colour=colour, align=align)
            y += size * _LEADING
        return y

    def wrap(self, text: str, width: float, *, size: float = 9, bold: bool = False) -> list[str]:
        """Break `text` into lines of at most `width`: between words, inside a word that is too long, at line feeds."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for word in printable(paragraph).split():
                longer = f"{line} {word}" if line else word
                if self._width_of(longer, size, bold) <= width:
                    line = longer
                    continue
                if line:
                    lines.append(line)
                *whole, line = self._break_word(word, width, size, bold=bold)
                lines.extend(whole)
            lines.append(line)
        return lines

    def fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self._pdf.set_fill_color(*colour)
        self._pdf.rect(x, y, width, height, style="F")

    def rule(self, x: float, y: float, to: float, *, colour: Colour = HAIRLINE, width: float = 0.2) -> None:
        """Draw a horizontal line from `x` to `to`."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(width)
        self._pdf.line(x, y, to, y)

    def to_bytes(self) -> bytes:
        """Finish; the same drawing gives the same bytes."""
        return bytes(self._pdf.output())

    def _measure(self, text: str, size: float, bold: bool) -> float:  # noqa: FBT001 -- a cache key
        _, points = self._pdf.fonts[f"{_FAMILY}{'B' if bold else ''}"].get_text_width(text, size, None)
        return float(points) / self._pdf.k

    def _break_word(self, word: str, width: float, size: float, *, bold: bool) -> list[str]:
        pieces, piece = [], ""
        for character in word:
            if piece and self._width_of(piece + character, size, bold) > width:
                pieces.append(piece)
                piece = ""
            piece += character
        return [*pieces, piece]
