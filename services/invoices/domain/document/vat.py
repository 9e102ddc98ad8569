"""VAT categories as EN 16931 knows them, and why a category charges nothing."""

from dataclasses import dataclass
from enum import StrEnum


class VatCategory(StrEnum):
    """VAT category codes (BT-95, BT-102, BT-118, BT-151; UNCL 5305 as EN 16931 restricts it)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"
    CANARY_ISLANDS = "L"
    """IGIC, the general indirect tax of the Canary Islands."""
    CEUTA_AND_MELILLA = "M"
    """IPSI, the tax on production, services and imports of Ceuta and Melilla."""

    @property
    def charges(self) -> bool:
        """Whether a rate may be above zero: `S` must have one above zero, `L` and `M` may have zero too."""
        return self in {VatCategory.STANDARD, VatCategory.CANARY_ISLANDS, VatCategory.CEUTA_AND_MELILLA}

    @property
    def needs_reason(self) -> bool:
        """Whether the document must say why nothing is charged (BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10)."""
        return self in EXEMPTION_REASONS


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why one category of a document charges no VAT; without one, the category's usual words stand there."""

    category: VatCategory
    reason: str | None = None
    """VAT exemption reason text (BT-120)."""
    code: str | None = None
    """VAT exemption reason code (BT-121), a VATEX code, e.g. `VATEX-EU-132-1A`."""


EXEMPTION_REASONS = {
    VatCategory.EXEMPT: Exemption(VatCategory.EXEMPT, "Exempt from VAT"),
    VatCategory.REVERSE_CHARGE: Exemption(VatCategory.REVERSE_CHARGE, "Reverse charge", "VATEX-EU-AE"),
    VatCategory.INTRA_COMMUNITY: Exemption(VatCategory.INTRA_COMMUNITY, "Intra-Community supply", "VATEX-EU-IC"),
    VatCategory.EXPORT: Exemption(VatCategory.EXPORT, "Export outside the EU", "VATEX-EU-G"),
    VatCategory.OUTSIDE_SCOPE: Exemption(VatCategory.OUTSIDE_SCOPE, "Not subject to VAT", "VATEX-EU-O"),
}
"""What these categories say when the document says nothing else."""
