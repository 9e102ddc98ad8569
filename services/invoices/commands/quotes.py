"""What callers ask about quotes.

`expected_version`: the version of the quote that somebody read before they decided; None: nobody read it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.invoices.domain.document.content import Content


@dataclass(frozen=True, slots=True)
class MakeQuote:
    """Offer something to a customer."""

    content: Content
    valid_until: date


@dataclass(frozen=True, slots=True)
class ChangeQuote:
    """Offer something else: all of it."""

    quote_id: str
    expected_version: int
    content: Content
    valid_until: date


@dataclass(frozen=True, slots=True)
class ExtendQuote:
    """Have an offer valid for longer."""

    quote_id: str
    valid_until: date
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class AcceptQuote:
    """Write down that the customer ordered."""

    quote_id: str
    accepted_by: str
    accepted_on: date | None = None
    """None: today."""
    order_reference: str | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class DeclineQuote:
    """Write down that the customer does not want it."""

    quote_id: str
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class InvoiceQuote:
    """Write the draft of an invoice of what was accepted."""

    quote_id: str
    deposit_percent: Decimal | None = None
    """None: the final invoice."""
    expected_version: int | None = None
