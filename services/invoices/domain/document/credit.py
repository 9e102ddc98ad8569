"""How much of an invoice a credit note takes back, and how much is left.

Compared by VAT category and rate, not by the sum alone: else 50.00 at 19 % could be taken back of an invoice that has
100.00 at 7 %, and the VAT report would show VAT returned that was never charged. The VAT itself follows from what is
taxed (BR-CO-17); rounded once for each document, the VAT of several parts can be a cent away from that of the whole.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.invoices.domain.document.totals import Totals
from services.invoices.domain.document.vat import VatCategory

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class CreditedPart:
    """What is taken back of one VAT category and rate."""

    category: VatCategory
    """BT-118."""
    rate: Decimal
    """BT-119, in percent."""
    taxable_amount: Decimal
    """BT-116."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What one credit note takes back, in the currency of the invoice."""

    gross: Decimal
    """Its total with VAT (BT-112)."""
    parts: tuple[CreditedPart, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What can still be credited."""

    gross: Decimal
    parts: tuple[CreditedPart, ...]
    """Without those of which nothing is left."""

    @property
    def is_nothing(self) -> bool:
        """Tell whether nobody can credit any more.

        Either nothing that was taxed is left, or no money is: the VAT of parts was rounded up, and a cent that is
        left of what was taxed was given back with it.
        """
        return not self.parts or self.gross == NOTHING


def credit_of(totals: Totals) -> Credit:
    """Return what a credit note with these totals takes back."""
    parts = (CreditedPart(each.category, each.rate, each.taxable_amount) for each in totals.breakdown)
    return Credit(totals.gross, tuple(parts))


def left_of(invoiced: Totals, credited: Iterable[Credit]) -> Left | None:
    """Return what is left of an invoice after these credits; None when they take back more than was invoiced."""
    whole = credit_of(invoiced)
    taken: dict[tuple[VatCategory, Decimal], Decimal] = defaultdict(Decimal)
    gross = NOTHING
    for credit in credited:
        gross += credit.gross
        for part in credit.parts:
            taken[part.category, part.rate] += part.taxable_amount
    left = []
    for part in whole.parts:
        amount = taken.pop((part.category, part.rate), NOTHING)
        if not _within(amount, part.taxable_amount):
            return None
        left.append(CreditedPart(part.category, part.rate, part.taxable_amount - amount))
    if any(taken.values()) or not _within(gross, whole.gross):
        return None
    return Left(whole.gross - gross, tuple(part for part in left if part.taxable_amount))


def _within(amount: Decimal, whole: Decimal) -> bool:
    """Tell whether an amount is a part of the whole: between nothing and all of it, which may be below zero."""
    return min(NOTHING, whole) <= amount <= max(NOTHING, whole)
