"""What callers ask about customers."""

from dataclasses import dataclass

from services.invoices.domain.document.parties import Address


@dataclass(frozen=True, slots=True)
class RegisterCustomer:
    """Make a customer known."""

    name: str
    email: str
    address: Address
    vat_id: str | None = None
    reference: str | None = None
