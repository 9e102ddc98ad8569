"""Numbers, dates, units and countries as people of a language and country write them (CLDR, by Babel)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.languages import get_official_languages
from babel.numbers import NumberPattern, format_currency, parse_pattern
from babel.units import format_unit

from services.invoices.adapters.drawing.printable import printable
from services.invoices.domain.document.lines import PIECE

_PLAIN = parse_pattern("#,##0.##########")
_AMOUNT = parse_pattern("#,##0.00########")
_DIGITS = 60
"""Babel rounds in the context that it finds, whose 28 digits are too few for the largest amounts."""
_PIECES = frozenset({PIECE, "H87", "EA"})
_UNITS = {
    "HUR": "duration-hour",
    "MIN": "duration-minute",
    "DAY": "duration-day",
    "WEE": "duration-week",
    "MON": "duration-month",
    "ANN": "duration-year",
    "GRM": "mass-gram",
    "KGM": "mass-kilogram",
    "TNE": "mass-tonne",
    "MMT": "length-millimeter",
    "CMT": "length-centimeter",
    "MTR": "length-meter",
    "KMT": "length-kilometer",
    "MTK": "area-square-meter",
    "MTQ": "volume-cubic-meter",
    "LTR": "volume-liter",
    "KWH": "energy-kilowatt-hour",
}
"""CLDR's names of the units that invoices name most (UN/ECE Recommendation 20); others show their code."""


@cache
def locale_for(language: str, country: str) -> Locale:
    """Return the country's way of writing the language where it is official there, else the language's usual one.

    English elsewhere is Europe's (`en_150`): 2 June 2026, 1,234.50.
    """
    if language in get_official_languages(country, de_facto=True) or (language, country) == ("en", "US"):
        try:
            return Locale(language, country)
        except ValueError:  # UnknownLocaleError too
            return Locale(language)
    return Locale("en", "150") if language == "en" else Locale(language)


@dataclass(frozen=True, slots=True)
class Figures:
    """Writes what is no text."""

    locale: Locale
    currency: str

    def amount(self, value: Decimal) -> str:
        """At least two decimals, and all that there are."""
        return self._by(_AMOUNT, value)

    def number(self, value: Decimal) -> str:
        """As many decimals as there are."""
        return self._by(_PLAIN, value)

    def percentage(self, value: Decimal) -> str:
        """E.g. `19 %`."""
        return f"{self.number(value)}\N{NO-BREAK SPACE}%"

    def money(self, value: Decimal) -> str:
        """With the document's currency."""
        with localcontext(prec=_DIGITS):
            written = format_currency(value, self.currency, locale=self.locale, currency_digits=False)
        return printable(_true_minus(written))

    def day(self, value: date) -> str:
        """E.g. `2 June 2026`."""
        return str(format_date(value, "long", locale=self.locale))

    def quantity(self, value: Decimal, unit: str) -> str:
        """With its unit, unless it counts pieces."""
        if unit in _PIECES:
            return self.number(value)
        if unit in _UNITS:
            written = format_unit(value, _UNITS[unit], length="short", format="#,##0.##########", locale=self.locale)
            return _true_minus(written)
        return f"{self.number(value)} {printable(unit)}"

    def country(self, code: str) -> str:
        """Its name."""
        return printable(str(self.locale.territories.get(code, code)))

    def _by(self, pattern: NumberPattern, value: Decimal) -> str:
        with localcontext(prec=_DIGITS):
            return _true_minus(pattern.apply(value, self.locale, decimal_quantization=False))


def _true_minus(written: str) -> str:
    return written.replace("-", "−")  # noqa: RUF001 -- the minus sign is meant
