"""How a number is written, and when two patterns can never write the same number.

    {series}-{year}-{number:05}        RE-2026-04711

A pattern is made of `{series}` (the series' name), `{year}` (the fiscal year, four digits) or `{yy}` (two), `{number}`
once, as `{number:05}` with so many digits at least, and the characters A-Z a-z 0-9 `-` `_` `.`. There is no slash: a
number is the name of a file, too. All parts but the number have a fixed length, so a text can be read as one year and
one number in one way only.
"""

import re
import unicodedata
from collections.abc import Sequence

_PART = re.compile(r"\{(series|year|yy)\}|\{(number)(?::0([1-9]))?\}|([A-Za-z0-9._-])", re.ASCII)
_DIGIT, _MORE = "digit", "digits"
_DIGITS = {_DIGIT, _MORE}
_YEARS = {"year": 4, "yy": 2}
_LONGEST = 30
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_CENTURY = range(2000, 2100)

Symbols = Sequence[str]
"""What a text of the pattern looks like: characters, `digit`, and once `digits`, any count of them or none."""


def check(pattern: str, series: str, *, resets: bool) -> None:
    """Raise ValueError, with a sentence, for what is no pattern of a series."""
    parts = _parts(pattern)
    if [part[2] for part in parts].count("number") != 1:
        raise ValueError("The pattern needs {number} once.")
    if resets and not has_year(pattern):
        raise ValueError("A series that begins again each year needs {year} or {yy} in its pattern.")
    shown = symbols(pattern, series)
    if not (shown[0] in _DIGITS or shown[0].isalnum()):
        raise ValueError("A number begins with a letter or a digit.")
    if len(shown) > _LONGEST:
        raise ValueError(f"Numbers would be longer than {_LONGEST} characters.")


def has_year(pattern: str) -> bool:
    """Tell whether numbers name the fiscal year."""
    return any(part[1] in _YEARS for part in _parts(pattern))


def writes(pattern: str, year: int) -> bool:
    """Tell whether numbers of this fiscal year can be written: two digits stand for one century only."""
    return year in _CENTURY or all(part[1] != "yy" for part in _parts(pattern))


def write(pattern: str, series: str, year: int, sequence: int) -> str:
    """Write a number."""
    said = {"series": series, "year": f"{year:04d}", "yy": f"{year % 100:02d}"}
    return _PART.sub(
        lambda part: part[4] or said.get(part[1]) or f"{sequence:0{part[3] or 1}d}",
        pattern,
    )


def read(pattern: str, series: str, text: str) -> tuple[int | None, int] | None:
    """Return the year, if the pattern has one, and the sequence of a text that the pattern writes; None for another.

    As people copy numbers: capitals, padding, white space and the kind of dash make no difference.
    """
    asked = "".join(_plain(part, series) for part in _parts(pattern))
    plain = re.sub(r"\s+", "", _DASHES.sub("-", unicodedata.normalize("NFKC", text))).casefold()
    found = re.fullmatch(asked, plain, re.ASCII)
    if found is None:
        return None
    said = found.groupdict()
    year = said.get("year") or (f"20{said['yy']}" if said.get("yy") else None)
    return (None if year is None else int(year)), int(said["number"])


def _plain(part: re.Match[str], series: str) -> str:
    """Return the expression for what a part of a pattern writes; of a part that comes again, the first is taken."""
    if part[2]:
        return "(?P<number>[0-9]+)"
    if part[1] in _YEARS:
        again = part.string[: part.start()].count(part[0]) > 0
        return f"(?P={part[1]})" if again else f"(?P<{part[1]}>[0-9]{{{_YEARS[part[1]]}}})"
    return re.escape((part[4] or series).casefold())


def symbols(pattern: str, series: str) -> Symbols:
    """Return what texts of the pattern look like; capitals or not makes no difference."""
    shown: list[str] = []
    for part in _parts(pattern):
        if part[2]:
            shown += [_DIGIT] * int(part[3] or 1) + [_MORE]
        elif part[1] in _YEARS:
            shown += [_DIGIT] * _YEARS[part[1]]
        else:
            shown += (part[4] or series).casefold()
    return shown


def same_but_for_padding(one: str, other: str) -> bool:
    """Tell whether two patterns of a series differ in nothing but the digits that a number has at least.

    They may write the same text, but then it is the same number, and no counter gives that twice.
    """
    return _unpadded(one) == _unpadded(other)


def collide(one: Symbols, other: Symbols) -> bool:
    """Tell whether there is a text that both patterns could write, in whatever year and however high they count."""
    waiting, seen = [(0, 0)], set[tuple[int, int]]()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        left, right = one[place[0] : place[0] + 1], other[place[1] : place[1] + 1]
        if not left and not right:
            return True
        if left and left[0] == _MORE:
            waiting.append((place[0] + 1, place[1]))
        if right and right[0] == _MORE:
            waiting.append((place[0], place[1] + 1))
        if left and right and _meet(left[0], right[0]):
            waiting.append((place[0] + (left[0] != _MORE), place[1] + (right[0] != _MORE)))
    return False


def _meet(one: str, other: str) -> bool:
    """Tell whether one character can be both."""
    if one in _DIGITS:
        return other in _DIGITS or other.isdigit()
    return other == one or (other in _DIGITS and one.isdigit())


def _unpadded(pattern: str) -> list[tuple[str | None, ...]]:
    return [(part[1], part[2], part[4]) for part in _parts(pattern)]


def _parts(pattern: str) -> list[re.Match[str]]:
    parts = list(_PART.finditer(pattern))
    if "".join(part[0] for part in parts) != pattern:
        raise ValueError(
            "A pattern is made of {series}, {year}, {yy}, {number} or with leading zeros {number:01} to {number:09}"
            " (at least so many digits), and A-Z a-z 0-9 - _ . besides."
        )
    return parts
