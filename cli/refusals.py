"""What a service refused, in words for whoever asked.

Details are safe to show (`shared.contracts.errors`). Those of another shape than is known here are passed over: they
would be no words.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cli.audit.sentences import printable
from shared.contracts.errors import PublicError

_LONGEST = 200
"""Characters of a detail that is said; what is longer is no word for a person."""
_OF_A_PROOF = ("deed", "command_hash")
"""What the command line itself answers at the prompt."""


def described(error: PublicError) -> str:
    """Return an error's sentence and its details in words: reasons, the field, what is left, the incident, the rest."""
    parts = [error.message]
    for words in _details(error.details):
        # Many a sentence says its detail already.
        if not _stands(words.value or words.text, " ".join(parts)):
            parts.append(words.text)
    return printable(" ".join(parts))


class _Words(NamedTuple):
    """A detail in words, and what of it a sentence may have said before, when that is not all."""

    text: str
    value: str = ""


def _stands(value: str, said: str) -> bool:
    """Return whether a text says a value: not as part of another, as 2 is of 2026."""
    return re.search(rf"(?<![\w.-]){re.escape(value)}(?![\w-])", said) is not None


def _details(details: Mapping[str, object]) -> Iterator[_Words]:
    rest = dict(details)
    for each in _objects(rest.pop("reasons", None)):
        if "text" in each:
            yield _Words(str(each["text"]))
    if isinstance(field := rest.pop("field", None), str):
        line = rest.pop("line", None)
        yield _Words(f"({field if line is None else f'lines.{line}.{field}'})")
    if fields := rest.pop("fields", None):
        yield _Words(json.dumps(fields, ensure_ascii=False))
    for each in _objects(rest.pop("rules", None)):
        yield _Words(f"{each.get('id')}: {each.get('words')}")
    if isinstance(left := rest.pop("left", None), list):
        yield _Words(_left(str(rest.pop("gross", "?")), left))
    for name, value in rest.items():
        if name not in _OF_A_PROOF and (said := _said(value)):
            yield _Words(f"({name.replace('_', ' ')}: {said})", said)


def _left(gross: str, parts: object) -> str:
    by_category = "".join(
        f"; category {part.get('category')}, {part.get('rate')} %: {part.get('taxable_amount')} before VAT"
        for part in _objects(parts)
    )
    return f"Left: {gross} in all{by_category}."


def _objects(several: object) -> list[Mapping[str, object]]:
    return [each for each in several if isinstance(each, dict)] if isinstance(several, list) else []


def _said(value: object) -> str:
    """Return a small value as text; nothing for another."""
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str | int) for each in several):
        return ""
    text = ", ".join(str(each) for each in several)
    return text if len(text) <= _LONGEST else ""
