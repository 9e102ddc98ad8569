"""Pages: bounded in rows and in bytes, and stable, because each says as of which position the pages before it were.

Where a page begins is an opaque text for whoever asks. It holds what they were shown (the last row's sort value, the
position), travels in sealed messages only, and gives no right: every page is asked for with the caller's own grants.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec

from services.invoices.domain import refusals
from services.invoices.read_models.reading import Asked

MOST_BYTES = 192 * 1024
"""Of one page's rows as JSON: what carries answers takes several times that."""

_T = TypeVar("_T")
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a page begins."""

    as_of: int
    what: str
    """Of which list and order."""
    key: tuple[Any, ...]
    """Of the last row before."""

    def text(self) -> str:
        """Return the form that is given to whoever asks."""
        plain = json.dumps([self.as_of, self.what, *self.key], separators=(",", ":"), ensure_ascii=False)
        return urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str | None, what: str, kinds: Sequence[type]) -> "Beginning | None":
        """Read what `text` made for the same list and order, whose keys have these types; None for None.

        Raises PublicError malformed_request for anything else.
        """
        if text is None:
            return None
        try:
            as_of, said, *key = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, TypeError):
            raise refusals.page_unknown() from None
        # `type`, not `isinstance`: True is a number otherwise.
        if (type(as_of), said) != (int, what) or [type(each) for each in key] != list(kinds) or as_of < -1:
            raise refusals.page_unknown()
        return cls(as_of, what, tuple(key))


def filled(rows: Sequence[_T], limit: int, shown: Callable[[_T], _Row]) -> tuple[list[_Row], bool]:
    """Return as many rows as a page holds, as they are shown, one if there is any; and whether more follow."""
    page: list[_Row] = []
    size = 0
    for row in rows[:limit]:
        said = shown(row)
        size += len(msgspec.json.encode(said))
        if page and size > MOST_BYTES:
            break
        page.append(said)
    return page, len(page) < len(rows)


def continued(asked: Asked, begins: Beginning | None) -> Asked:
    """Return when a page is about: the same position as the pages before it. PublicError malformed_request."""
    if begins is None:
        return asked
    if asked.as_of not in {None, begins.as_of}:
        raise refusals.page_unknown()
    return replace(asked, as_of=begins.as_of)


def part(rows: Sequence[_Row], limit: int, what: str, as_of: int, begins: Beginning | None) -> tuple[list[_Row], _Row]:
    """Return one page of rows that were all worked out, and where the next begins as the reply says it."""
    first = begins.key[0] if begins is not None else 0
    page, more = filled(rows[first : first + limit + 1], limit, lambda row: row)
    if not more:
        return page, {}
    return page, {"next_page": Beginning(as_of, what, (first + len(page),)).text()}
