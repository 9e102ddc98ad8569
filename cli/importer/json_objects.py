"""The objects of a JSON file, one after another and in constant memory: JSON Lines, or one array of them."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from cli.files import FileUnreadable
from cli.importer.opened import BROKEN, opened

_FIRST_READ, _LONGEST = 2**16, 2**24
"""Characters of a file that are read at once, and that one object may have."""
_SPACE = " \t\r\n"


class _Malformed(ValueError):
    """What stands there is no object."""


def read_objects(path: Path, *, numbers_as_text: bool = False) -> Iterator[dict[str, Any]]:
    """Yield each object; FileUnreadable for anything else, a name that comes twice in one object included.

    `numbers_as_text`: numbers as they are written, so that no decimal goes through binary floating point.
    """
    decoder = json.JSONDecoder(
        object_pairs_hook=_once,
        parse_constant=_no_number,
        parse_float=str,  # as it is written and never a float, so never rounded; the service judges the text
        parse_int=str if numbers_as_text else int,
    )
    count = 0
    try:
        with opened(path) as stream:
            for each in _values(_Text(stream), decoder):
                yield each
                count += 1
    except _Malformed as error:
        raise FileUnreadable(f"{path}: not JSON after object {count}: {error}") from None
    except RecursionError:
        raise FileUnreadable(f"{path}: not JSON after object {count}: too deeply nested") from None
    except BROKEN as error:
        raise FileUnreadable(f"{path}: broken after object {count}: {error}") from None


class _Text:
    """What was read of a stream and not used."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self.left, self.ended = stream, "", False

    def more(self) -> None:
        """Read as much again as there is."""
        got = self._stream.read(max(_FIRST_READ, len(self.left)))
        self.left, self.ended = self.left + got, not got

    def next_character(self) -> str:
        """Return what stands next behind white space; empty at the end."""
        self.left = self.left.lstrip(_SPACE)
        while not self.left and not self.ended:
            self.more()
            self.left = self.left.lstrip(_SPACE)
        return self.left[:1]

    def drop(self, characters: int) -> None:
        """Go on behind so many."""
        self.left = self.left[characters:]


def _values(text: _Text, decoder: json.JSONDecoder) -> Iterator[dict[str, Any]]:
    if text.next_character() != "[":
        while text.next_character():
            yield _value(text, decoder)
        return
    text.drop(1)
    if text.next_character() != "]":
        yield _value(text, decoder)
        while text.next_character() == ",":
            text.drop(1)
            yield _value(text, decoder)
    if text.next_character() != "]":
        raise _Malformed("the array has no end")
    text.drop(1)
    if text.next_character():
        raise _Malformed("something stands behind the array")


def _value(text: _Text, decoder: json.JSONDecoder) -> dict[str, Any]:
    if text.next_character() != "{":
        raise _Malformed("there is no object where one should be")
    while True:
        try:
            value, end = decoder.raw_decode(text.left)
        except json.JSONDecodeError as error:
            # Perhaps only because the rest of it was not read yet.
            if text.ended or len(text.left) > _LONGEST:
                raise _Malformed(error.msg if text.ended else "an object is too long") from None
            text.more()
        else:
            text.drop(end)
            found: dict[str, Any] = value
            return found


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Malformed(f"{name!r} comes twice in one object")
        found[name] = value
    return found


def _no_number(text: str) -> object:
    raise _Malformed(f"{text} is no number in JSON")
