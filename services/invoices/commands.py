"""What callers ask the invoices service to do."""

from dataclasses import dataclass
from datetime import date

from services.invoices.domain.amounts import Line
from services.invoices.domain.party import Address, Seller
from services.invoices.domain.series import DocumentType


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
    """Write an invoice or credit note that can be issued later."""

    customer_id: str
    document_type: DocumentType
    issue_date: date
    currency: str
    lines: tuple[Line, ...]
    external_reference: str | None = None
    note: str | None = None


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
