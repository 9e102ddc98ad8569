"""Noto Sans for documents: cut once per process, so that cutting a document's own subset is fast.

The variable font covers Latin, Greek, Cyrillic, Vietnamese and Devanagari in 4,500 glyphs. A document embeds only
what it uses, and the cost of finding that grows with the font it is cut from. So there are three cuts, each in two
weights, from the characters of nearly all documents to all that the font has. A document depends on its characters
alone: whichever cut was made before, its bytes are the same.
"""

import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import fontpkg_noto_sans
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

REGULAR, BOLD = 400, 700
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Stands visibly where the font has no glyph, e.g. for Chinese; silently dropping a character would change a name."""

_SOFT_HYPHEN = "\xad"
_SOURCE = fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf"
_EVERYDAY = frozenset(
    [
        *range(0x20, 0x7F),
        *range(0xA0, 0x180),
        *range(0x218, 0x21C),
        *range(0x2010, 0x2027),
        *(ord("€"), ord("−"), ord(REPLACEMENT)),  # noqa: RUF001 -- the minus sign is meant
    ]
)
_GREEK_AND_CYRILLIC = frozenset(range(0x370, 0x500))
_UNUSED_TABLES = ["GDEF", "GPOS", "GSUB", "STAT", "MVAR", "HVAR"]


@dataclass(frozen=True, slots=True)
class Typeface:
    """Font files in two weights, and the code points they have glyphs for."""

    regular: Path
    bold: Path
    code_points: frozenset[int]


def typeface_for(characters: Iterable[str]) -> Typeface:
    """Return the smallest cut that has these characters, or the wide one."""
    needed = frozenset(map(ord, characters))
    if needed <= _EVERYDAY:
        return everyday()
    return european() if needed <= _EVERYDAY | _GREEK_AND_CYRILLIC else wide()


def printable(text: str) -> str:
    """Replace what no cut of the font can show by `REPLACEMENT`."""
    known = _everything()
    if all(ord(character) in known for character in text):
        return text
    return "".join(character if ord(character) in known else REPLACEMENT for character in text)


@cache
def everyday() -> Typeface:
    """Return the cut with Western and Central European characters; takes a third of a second the first time.

    Threads that ask at the same moment may both cut it: the result is the same and each has its own files.
    """
    return _cut(_EVERYDAY & _everything())


@cache
def european() -> Typeface:
    """Return the cut with Greek and Cyrillic characters as well; takes half a second the first time."""
    return _cut((_EVERYDAY | _GREEK_AND_CYRILLIC) & _everything())


@cache
def wide() -> Typeface:
    """Return the cut with every character of the font; takes two seconds the first time."""
    return _cut(_everything())


@cache
def _everything() -> frozenset[int]:
    with TTFont(_SOURCE, lazy=True) as font:
        return frozenset(code for code in font.getBestCmap() if not _is_invisible(chr(code)))


def _is_invisible(character: str) -> bool:
    """Tell whether it has no look of its own: the font has empty glyphs for some, which could hide or turn a text."""
    return unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} and character != _SOFT_HYPHEN


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where the cuts lie while the process lives: fonts hold nothing of any document."""
    return tempfile.TemporaryDirectory(prefix="tallystick-fonts-")


def _cut(code_points: frozenset[int]) -> Typeface:
    options = Options(notdef_outline=True, recommended_glyphs=True, hinting=False, layout_features=[], glyph_names=True)
    options.drop_tables += _UNUSED_TABLES
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=code_points)
    variable = BytesIO()
    with TTFont(_SOURCE, recalcTimestamp=False, lazy=True) as font:
        subsetter.subset(font)
        font.save(variable)
    folder = Path(tempfile.mkdtemp(dir=_folder().name))
    return Typeface(_weigh(variable, REGULAR, folder), _weigh(variable, BOLD, folder), code_points=code_points)


def _weigh(variable: BytesIO, weight: int, folder: Path) -> Path:
    """Fix the variable font at one weight and full width."""
    path = folder / f"{weight}.ttf"
    variable.seek(0)
    with TTFont(variable, recalcTimestamp=False) as font:
        instantiateVariableFont(font, {"wght": weight, "wdth": 100}, inplace=True, static=True)
        font.save(path)
    return path
