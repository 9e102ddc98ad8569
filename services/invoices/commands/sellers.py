"""What callers ask about who issues."""

from dataclasses import dataclass

from services.invoices.domain.document.parties import Seller


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
