"""The two parties of an invoice."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address (BG-5, BG-8)."""

    line: str
    """Address line 1 (BT-35, BT-50)."""
    city: str
    """BT-37, BT-52."""
    post_code: str
    """BT-38, BT-53."""
    country_code: str
    """ISO 3166-1 alpha-2 (BT-40, BT-55)."""


@dataclass(frozen=True, slots=True)
class Seller:
    """Who issues (BG-4): the tenant itself."""

    name: str
    """BT-27."""
    vat_id: str
    """Seller VAT identifier (BT-31)."""
    address: Address
    email: str
    """BT-43."""
    iban: str
    """Payment account identifier (BT-84)."""
    account_since: date | None = None
    """Since when this is the account: what a customer can hold against a mail that names another one."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who receives (BG-7): the buyer."""

    customer_id: str
    name: str
    """BT-44."""
    email: str
    """BT-58, and where the invoice is sent."""
    address: Address
    vat_id: str | None = None
    """Buyer VAT identifier (BT-48)."""
    reference: str | None = None
    """Buyer identifier (BT-46): the business's own name for this customer."""
