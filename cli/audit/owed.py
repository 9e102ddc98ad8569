"""How much of an invoice can still be credited, worked out once more from the log: by VAT category and rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_NOTHING = Decimal("0.00")


@dataclass(slots=True)
class Owed:
    """What is left of a document's amounts; credits take from it."""

    gross: Decimal
    parts: dict[tuple[str, Decimal], Decimal]
    """By VAT category and rate."""

    @classmethod
    def of(cls, gross: str, breakdown: list[Mapping[str, Any]]) -> "Owed":
        """Return what totals, or a credit, come to."""
        parts = {(part["category"], Decimal(part["rate"])): Decimal(part["taxable_amount"]) for part in breakdown}
        return cls(Decimal(gross), parts)

    @property
    def all_credited(self) -> bool:
        """Tell whether nothing taxed is left."""
        return not any(self.parts.values()) or not self.gross

    def take(self, credit: "Owed") -> bool:
        """Take a credit; False when there is not so much left, or something else."""
        fits = _fits(credit.gross, self.gross) and all(
            _fits(amount, self.parts.get(taxed, _NOTHING)) for taxed, amount in credit.parts.items()
        )
        self.gross -= credit.gross
        for taxed, amount in credit.parts.items():
            self.parts[taxed] = self.parts.get(taxed, _NOTHING) - amount
        return fits


def _fits(amount: Decimal, left: Decimal) -> bool:
    return min(_NOTHING, left) <= amount <= max(_NOTHING, left)
