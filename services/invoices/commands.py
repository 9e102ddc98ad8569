"""What callers ask the invoices service to do."""

from dataclasses import dataclass

from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Address, Seller


@dataclass(frozen=True, slots=True)
class ConfigureSeller:
    """Say who issues."""

    seller: Seller


@dataclass(frozen=True, slots=True)
class RequestBankAccountChange:
    """Ask that customers pay into another account."""

    iban: str


@dataclass(frozen=True, slots=True)
class ApproveBankAccountChange:
    """Agree, as a second person, to the change that was shown."""

    request_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class EndBankAccountChange:
    """Withdraw one's own request, or reject another one's."""

    request_id: str


@dataclass(frozen=True, slots=True)
class RegisterCustomer:
    """Make a customer known."""

    name: str
    email: str
    address: Address
    vat_id: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class DraftInvoice:
    """Write a document that can be issued later."""

    content: Content


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    """Give a draft its number and its final form."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class RequestShredding:
    """Ask that a customer be forgotten."""

    customer_id: str
    reason: str
    override: str | None = None


@dataclass(frozen=True, slots=True)
class ApproveShredding:
    """Agree, as a second person, that a customer be forgotten."""

    customer_id: str
    request_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class EndShredding:
    """Withdraw one's own request, or reject another one's."""

    customer_id: str
    request_id: str
