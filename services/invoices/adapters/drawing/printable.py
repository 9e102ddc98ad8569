"""What the typeface can show of a text. Noto Sans: Latin, Greek, Cyrillic, Vietnamese, Devanagari."""

import unicodedata
from functools import cache

import fontpkg_noto_sans
from fontTools.ttLib import TTFont

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Stands visibly where the font has no glyph, e.g. for Chinese; silently dropping a character would change a name."""

_SOFT_HYPHEN = "\xad"
_SOURCE = fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf"
_NO_LOOK = frozenset({"Cc", "Cf", "Co", "Zl", "Zp"})


def printable(text: str) -> str:
    """Replace what the font cannot show by `REPLACEMENT`; line feeds stay."""
    known = _code_points()
    if all(ord(character) in known for character in text):
        return text
    return "".join(character if ord(character) in known else REPLACEMENT for character in text)


@cache
def _code_points() -> frozenset[int]:
    with TTFont(_SOURCE, lazy=True) as font:
        return frozenset(code for code in font.getBestCmap() if not _is_invisible(chr(code))) | {ord("\n")}


def _is_invisible(character: str) -> bool:
    """Tell whether it has no look of its own: the font has empty glyphs for some, which could hide or turn a text."""
    return unicodedata.category(character) in _NO_LOOK and character != _SOFT_HYPHEN
