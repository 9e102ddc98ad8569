"""The two parties of a document."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


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
    line_2: str | None = None
    """BT-36, BT-51."""
    line_3: str | None = None
    """BT-162, BT-163."""
    subdivision: str | None = None
    """BT-39, BT-54."""


@dataclass(frozen=True, slots=True)
class ElectronicAddress:
    """Where a party takes electronic documents (BT-34, BT-49)."""

    scheme: str
    """Electronic Address Scheme code (EAS), e.g. `0088`, `9930`, `EM` for an e-mail address."""
    identifier: str


@dataclass(frozen=True, slots=True)
class Registration:
    """A party's entry in an official register (BT-30, BT-47)."""

    identifier: str
    scheme: str | None = None
    """ISO/IEC 6523 ICD code, e.g. `0002` for SIRENE."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask (BG-6, BG-9)."""

    name: str | None = None
    """BT-41, BT-56."""
    telephone: str | None = None
    """BT-42, BT-57."""
    email: str | None = None
    """BT-43, BT-58."""


@dataclass(frozen=True, slots=True)
class Seller:
    """Who issues (BG-4): the tenant itself."""

    name: str
    """BT-27."""
    address: Address
    email: str
    iban: str
    """Payment account identifier (BT-84)."""
    vat_id: str | None = None
    """Seller VAT identifier (BT-31)."""
    account_since: date | None = None
    """Since when this is the account: what a customer can hold against a mail that names another one."""
    trading_name: str | None = None
    """BT-28."""
    registration: Registration | None = None
    """BT-30."""
    tax_number: str | None = None
    """Seller tax registration identifier (BT-32)."""
    legal_information: str | None = None
    """Seller additional legal information (BT-33): legal form, court, managing directors."""
    electronic_address: ElectronicAddress | None = None
    """BT-34; without one it is the e-mail address."""
    contact: Contact | None = None
    """BG-6."""
    account_name: str | None = None
    """Payment account name (BT-85); without one it is the name."""
    bic: str | None = None
    """Payment service provider identifier (BT-86)."""
    language: str = "en"
    """Of documents to customers who have none, ISO 639-1."""
    colour: str | None = None
    """Of headings and rules on drawn documents, `#rrggbb`."""
    logo: str | None = None
    """SHA-256 (hex) of a PNG or JPEG among the documents."""
    small_business: bool = False
    """Whether it charges no VAT at all (Directive 2006/112/EC, articles 282 to 292)."""


class Profile(StrEnum):
    """Which rules the XML of a customer's documents keeps besides EN 16931 and Peppol BIS Billing 3."""

    PEPPOL = "peppol"
    XRECHNUNG = "xrechnung"


class DeliveryPreference(StrEnum):
    """How a customer's documents leave the business."""

    MAIL = "mail"
    NONE = "none"
    """Nothing is mailed: the business hands them over itself."""


@dataclass(frozen=True, slots=True)
class CustomerParticulars:
    """Everything that is said of a customer (BG-7), without the id."""

    name: str
    """BT-44."""
    email: str
    """BT-58, and where the invoice is sent."""
    address: Address
    vat_id: str | None = None
    """Buyer VAT identifier (BT-48)."""
    reference: str | None = None
    """Buyer identifier (BT-46): the business's own name for this customer."""
    trading_name: str | None = None
    """BT-45."""
    registration: Registration | None = None
    """BT-47."""
    electronic_address: ElectronicAddress | None = None
    """BT-49; without one it is the e-mail address."""
    contact: Contact | None = None
    """BG-9."""
    buyer_reference: str | None = None
    """BT-10 of documents that name none; in Germany's XRechnung the Leitweg-ID."""
    language: str | None = None
    """ISO 639-1."""
    currency: str | None = None
    """ISO 4217, of documents that name none."""
    payment_days: int | None = None
    """Of documents that name no terms."""
    profile: Profile = Profile.PEPPOL
    encryption_key: str | None = None
    """An age recipient (`age1...`): files that are mailed are encrypted to it."""
    encryption_certificate: str | None = None
    """An S/MIME certificate (PEM): mails are encrypted to it, as a whole, rather than files to an age key."""
    delivery: DeliveryPreference = DeliveryPreference.MAIL


@dataclass(frozen=True, slots=True)
class Customer(CustomerParticulars):
    """Who receives: the buyer."""

    customer_id: str = field(kw_only=True)

    @property
    def takes_xml(self) -> bool:
        """Whether machines read the documents, by the rules of a network or an authority besides EN 16931's."""
        networked = self.electronic_address is not None and self.electronic_address.scheme != "EM"
        return networked or self.profile is Profile.XRECHNUNG
