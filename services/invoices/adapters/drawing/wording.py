"""What a document is written with: its language's words and its figures, in one hand."""

from dataclasses import dataclass
from datetime import date

from services.invoices.adapters.drawing.figures import Figures, locale_for
from services.invoices.adapters.drawing.printable import printable
from services.invoices.adapters.drawing.texts import FALLBACK, languages, texts_in
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Period

Pairs = list[tuple[str, str]]
"""A label and what belongs to it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words by name, and figures."""

    language: str
    words: dict[str, str]
    figures: Figures

    @classmethod
    def of(cls, document: Document) -> "Wording":
        """Choose the language: the document's, else the customer's, else the seller's; English without a catalogue."""
        asked = document.content.language or document.customer.language or document.seller.language
        return cls.in_language(asked, document.customer.address.country_code, document.content.currency)

    @classmethod
    def in_language(cls, asked: str, country: str, currency: str) -> "Wording":
        """Write as a country does in a language; in English without a catalogue."""
        language = asked if asked in languages() else FALLBACK
        return cls(language, texts_in(language), Figures(locale_for(language, country), currency))

    def say(self, name: str, /, **values: str) -> str:
        """Return the words with the values in their places. Values stay as they are, braces and all."""
        return self.words[name].format(**{key: printable(value) for key, value in values.items()})

    def period(self, period: Period) -> str:
        """Return from when to when; either end may be open."""
        first, last = (None if each is None else self.figures.day(each) for each in (period.start, period.end))
        if first and last:
            return f"{first} – {last}"  # noqa: RUF001 -- the dash of ranges is meant
        return self.say("from_day", date=first) if first else self.say("until_day", date=last or "")

    def pairs(self, *rows: tuple[str, str | date | None]) -> Pairs:
        """Return those rows that have a value, with their labels' words."""
        return [
            (self.words[name], self.figures.day(value) if isinstance(value, date) else printable(value))
            for name, value in rows
            if value
        ]
