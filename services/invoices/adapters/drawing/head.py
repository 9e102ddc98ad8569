"""Who writes to whom, and what it is: the head that documents and letters share, and the page that they stand on."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from services.invoices.adapters.drawing.colour import readable
from services.invoices.adapters.drawing.logo import logo_svg
from services.invoices.adapters.drawing.printable import printable
from services.invoices.adapters.drawing.sides import address_lines, customer_facts, seller_facts
from services.invoices.adapters.drawing.wording import Pairs, Wording
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.events.reminders import ReminderWritten

_ALWAYS_FITS, _FITS = 20, 34
"""Characters of a word that needs no look at its letters, and what such a look may add up to."""
_WIDE = frozenset("mw@%&\u2014")


@dataclass(frozen=True, slots=True)
class Side:
    """A party."""

    name: str
    trading_name: str | None
    address: list[str]
    facts: Pairs


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG of ours and what it shows, in words."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Head:
    """What every page says, and the top of the first one."""

    language: str
    kind: str
    title: str
    accent: str
    seller: Side
    customer: Side
    logo: Picture | None
    facts: Pairs
    bill_to: str
    continued: str
    page: str
    long_words: bool


def head_of(
    wording: Wording,
    written: Document | ReminderWritten,
    *,
    kind: str,
    facts: Pairs,
    logo: bytes | None,
    bill_to: str = "bill_to",
) -> Head:
    """Write the head of what is written; LogoRefused. `bill_to` names the words over the customer."""
    seller, customer, words = written.seller, written.customer, wording.words
    return Head(
        language=wording.language,
        kind=kind,
        title=f"{kind} {printable(written.number)}",
        accent=readable(seller.colour),
        seller=_side(wording, seller, seller_facts(wording, seller)),
        customer=_side(wording, customer, customer_facts(wording, customer)),
        logo=None if logo is None else Picture(logo_svg(logo), wording.say("logo_alt", name=seller.name)),
        facts=facts,
        bill_to=words[bill_to],
        continued=words["continued"],
        page=words["page"],
        long_words=_has_long_words(written),
    )


def _side(wording: Wording, party: Seller | Customer, known_as: Pairs) -> Side:
    trading_name = party.trading_name and printable(party.trading_name)
    return Side(printable(party.name), trading_name, address_lines(wording, party.address), known_as)


def _has_long_words(value: object) -> bool:
    """Tell whether anything that somebody wrote has a word that may be wider than the narrowest column of text."""
    return any(_is_long(word) for text in _written(value) for word in text.split())


def _written(value: object) -> Iterator[str]:
    """Yield every text that somebody wrote, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _written(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _written(getattr(value, field.name))


def _is_long(word: str) -> bool:
    """Tell whether it may be wider than the narrowest column of text; capitals and the like count for more."""
    return len(word) > _ALWAYS_FITS and sum(1.6 if each in _WIDE or each.isupper() else 1 for each in word) > _FITS
