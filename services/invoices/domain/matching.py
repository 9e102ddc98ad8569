"""Which invoices a payment may be meant for. A suggestion and never a booking: a person decides.

Three grounds, strongest first: the invoice's number is in what the payer wrote; one of its references is; the amount
is exactly what is owed. An invoice for which nothing speaks is not suggested.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

_SHORTEST_REFERENCE = 4
"""Characters: anything shorter is found in every text by chance."""
_CHARACTERS = re.compile(r"[^0-9A-Z]+")


class Ground(StrEnum):
    """Why an invoice is suggested."""

    NUMBER = "number"
    REFERENCE = "reference"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invoice of the payer, in the payment's currency, on which something is owed."""

    invoice_id: str
    number: str
    owed: Decimal
    references: tuple[str, ...] = ()
    """What the customer may call it: buyer's reference (BT-10), order (BT-13), contract (BT-12), their own number."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How much of a payment an invoice may get, and what speaks for it."""

    invoice_id: str
    number: str
    amount: Decimal
    grounds: tuple[Ground, ...]


def suggest(free: Decimal, remittance: str | None, candidates: Iterable[Candidate]) -> tuple[Suggestion, ...]:
    """Suggest what to allocate of `free`: best grounds first, then in the order given; never more than there is.

    A number counts with or without what separates its parts: `INV-000042` is found in `inv 000042` and `INV000042`,
    and not in `INV-0000421`.
    """
    words = Text.of(remittance or "")
    judged = [(grounds, each) for each in candidates if (grounds := _grounds(free, words, each))]
    judged.sort(key=lambda pair: [ground not in pair[0] for ground in Ground])  # stable: else in the order given
    suggestions, left = [], free
    for grounds, candidate in judged:
        amount = min(left, candidate.owed)
        if amount <= 0:
            break
        suggestions.append(Suggestion(candidate.invoice_id, candidate.number, amount, grounds))
        left -= amount
    return tuple(suggestions)


@dataclass(frozen=True, slots=True)
class Text:
    """What a payer wrote, as it is searched: capitals and digits, and where words begin and end."""

    squeezed: str
    edges: frozenset[int]
    """Places in `squeezed` at which a word begins or ends."""

    @classmethod
    def of(cls, text: str) -> "Text":
        """Read a text; compatibility forms and case make no difference."""
        words = [word for word in _CHARACTERS.split(unicodedata.normalize("NFKC", text).upper()) if word]
        edges, place = {0}, 0
        for word in words:
            place += len(word)
            edges.add(place)
        return cls("".join(words), frozenset(edges))

    def names(self, reference: str) -> bool:
        """Tell whether the text holds a reference as a word or as several words in a row."""
        wanted = Text.of(reference).squeezed
        if len(wanted) < _SHORTEST_REFERENCE:
            return False
        places = (found.start() for found in re.finditer(f"(?={re.escape(wanted)})", self.squeezed))
        return any(place in self.edges and place + len(wanted) in self.edges for place in places)


def _grounds(free: Decimal, words: Text, candidate: Candidate) -> tuple[Ground, ...]:
    found = {
        Ground.NUMBER: words.names(candidate.number),
        Ground.REFERENCE: any(words.names(reference) for reference in candidate.references),
        Ground.AMOUNT: candidate.owed == free,
    }
    return tuple(ground for ground, speaks in found.items() if speaks) if candidate.owed > 0 else ()
