"""Gapless numbers: one stream per series, one version per number.

A number is the version that its `NumberTaken` event gets in the series' stream, and that event is appended together
with the issuing event or not at all. So a number exists exactly when its document does: no gap after a rollback,
none used twice.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

_NAMES = UUID("6f1d6a44-5d0e-5c55-9a53-6b0d6a3f2c11")
"""The name space of stream ids that are derived from a tenant and a name. It never changes: streams would be lost."""


class DocumentType(StrEnum):
    """What kind of document it is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"

    @property
    def type_code(self) -> str:
        """Invoice type code (BT-3, UNTDID 1001): 380 commercial invoice, 381 credit note."""
        return {"invoice": "380", "credit_note": "381"}[self.value]

    @property
    def series(self) -> str:
        """The series that its numbers come from: `INV` or `CN`."""
        return {"invoice": "INV", "credit_note": "CN"}[self.value]


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """Invoice number (BT-1): a series and the place in it, counted from 1."""

    series: str
    sequence: int

    def __str__(self) -> str:
        return f"{self.series}-{self.sequence:06d}"


def series_stream(tenant: str, series: str) -> str:
    """Return the stream of a tenant's series; the log shows an opaque id and no name."""
    return f"series-{uuid5(_NAMES, f'{tenant}/series/{series}')}"


def seller_stream(tenant: str) -> str:
    """Return the stream that holds the tenant's own particulars."""
    return f"seller-{uuid5(_NAMES, f'{tenant}/seller')}"
