"""Gapless numbers: one stream per series, one version per number.

A number is the version that its `NumberTaken` event gets in the series' stream, and that event is appended together
with the issuing event or not at all. So a number exists exactly when its document does: no gap after a rollback,
none used twice.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from services.invoices.domain.document.content import DocumentType

INVOICES, CREDIT_NOTES = "INV", "CN"
SERIES = (INVOICES, CREDIT_NOTES)
"""All that there are."""
_NAMES = UUID("6f1d6a44-5d0e-5c55-9a53-6b0d6a3f2c11")
"""The name space of stream ids that are derived from a tenant and a name. It never changes: streams would be lost."""


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """Invoice number (BT-1): a series and the place in it, counted from 1."""

    series: str
    sequence: int

    def __str__(self) -> str:
        return f"{self.series}-{self.sequence:06d}"


def series_of(document_type: DocumentType) -> str:
    """Return the series that numbers of such documents come from; a prepayment invoice is numbered as an invoice."""
    return CREDIT_NOTES if document_type is DocumentType.CREDIT_NOTE else INVOICES


def series_stream(tenant: str, series: str) -> str:
    """Return the stream of a tenant's series; the log shows an opaque id and no name."""
    return f"series-{uuid5(_NAMES, f'{tenant}/series/{series}')}"


def seller_stream(tenant: str) -> str:
    """Return the stream that holds the tenant's own particulars."""
    return f"seller-{uuid5(_NAMES, f'{tenant}/seller')}"


def bank_line_stream(tenant: str, external_id: str) -> str:
    """Return the stream of one line of the tenant's bank statements: whoever takes it first creates it."""
    return f"bank-line-{uuid5(_NAMES, f'{tenant}/bank-line/{external_id}')}"
