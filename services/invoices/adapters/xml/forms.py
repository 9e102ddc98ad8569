"""The XML forms of one document."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.invoices.adapters.xml.cii import cii
from services.invoices.adapters.xml.ubl import ubl
from services.invoices.domain.document.issued import Document


@dataclass(frozen=True, slots=True)
class Forms:
    """A document as XML, twice; equal documents give equal bytes."""

    cii: bytes
    """UN/CEFACT CII, Factur-X profile EN 16931: what the PDF carries in it."""
    ubl: bytes
    """UBL 2.1: Peppol BIS Billing 3.0, or XRechnung 3.0 by the customer's profile."""


def forms(document: Document, attachments: Mapping[str, bytes] | None = None) -> Forms:
    """Write both forms. `attachments` holds contents by digest; the others are named and not embedded."""
    return Forms(cii(document, attachments), ubl(document, attachments))
