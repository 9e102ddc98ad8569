"""Gapless numbers: one stream per counter, one version per number.

A counter is a series, or one fiscal year of a series that begins again each year. A number's place is the version that
its `NumberTaken` event gets in the counter's stream, and that event is appended together with the issuing event or not
at all. So a number exists exactly when its document does: no gap after a rollback, none used twice.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID, uuid5

from services.invoices.domain.document.content import DocumentType

_NAMES = UUID("6f1d6a44-5d0e-5c55-9a53-6b0d6a3f2c11")
"""The name space of stream ids that are derived from a tenant and a name. It never changes: streams would be lost."""
_PREFIX = "series-"


@dataclass(frozen=True, slots=True)
class Series:
    """How a business numbers documents, from the next number on."""

    name: str
    pattern: str
    """How a number is written (number_pattern.py)."""
    serves: tuple[DocumentType, ...] = ()
    """Documents that come from this series from now on unless their draft names another."""
    resets: bool = False
    """Whether each fiscal year counts from 1; else the series counts on for good."""
    year_starts_in: int = 1
    """Month in which the fiscal year starts; the year in which it does is its name."""
    first: int | None = None
    """The first number, for who goes on counting where another system stopped; None: as it is, 1 in the beginning."""
    first_year: int | None = None
    """The fiscal year whose first number that is, where each has its own."""

    def year_of(self, day: date) -> int:
        """Return the fiscal year of an issue date (BT-2)."""
        return day.year if day.month >= self.year_starts_in else day.year - 1


INVOICES = Series("INV", "{series}-{number:06}", (DocumentType.INVOICE, DocumentType.PREPAYMENT_INVOICE))
CREDIT_NOTES = Series("CN", "{series}-{number:06}", (DocumentType.CREDIT_NOTE,))
QUOTES = Series("QUO", "{series}-{number:06}")
"""Numbers quotes, and nothing else: an offer that comes to nothing leaves no gap among invoices."""
BUILT_IN = (INVOICES, CREDIT_NOTES, QUOTES)
"""What every business has before it says otherwise. Never changed: what they gave counts when others are configured."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A series, and the fiscal year where each has its own numbers."""

    series: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A document's number and where it comes from."""

    series: str
    sequence: int
    number: str
    """As the document says it (BT-1)."""
    year: int | None = None
    """The fiscal year whose numbers it is one of; None in a series that counts on."""

    def __str__(self) -> str:
        return self.number

    @property
    def counter(self) -> Counter:
        """Return what counted it."""
        return Counter(self.series, self.year)


def counter_id(tenant: str, counter: Counter) -> str:
    """Return the opaque id of a tenant's counter: the log and the read models show no name."""
    year = "" if counter.year is None else f"/{counter.year}"
    return _id_of(f"{tenant}/series/{counter.series}{year}")


def series_stream(tenant: str, counter: Counter) -> str:
    """Return the stream whose versions are the counter's places."""
    return f"{_PREFIX}{counter_id(tenant, counter)}"


def counter_of(stream: str) -> str:
    """Return the counter's id, given its stream."""
    return stream.removeprefix(_PREFIX)


def numbering_stream(tenant: str) -> str:
    """Return the stream that says which series there are: one for all, because no two may give the same number."""
    return f"numbering-{_id_of(f'{tenant}/numbering')}"


def seller_stream(tenant: str) -> str:
    """Return the stream that holds the tenant's own particulars."""
    return f"seller-{_id_of(f'{tenant}/seller')}"


def reminding_stream(tenant: str) -> str:
    """Return the stream that says how the tenant reminds, and by which base rates."""
    return f"reminding-{_id_of(f'{tenant}/reminding')}"


def bank_line_stream(tenant: str, external_id: str) -> str:
    """Return the stream of one line of the tenant's bank statements: whoever takes it first creates it."""
    return f"bank-line-{uuid5(_NAMES, f'{tenant}/bank-line/{external_id}')}"


@lru_cache(maxsize=4096)
def _id_of(name: str) -> str:
    """Return the id that is derived from a name; remembered, because every command asks for the same few."""
    return str(uuid5(_NAMES, name))
