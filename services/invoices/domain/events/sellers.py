"""What can happen to the account that customers pay into, once there is one. In the stream of the seller."""

from dataclasses import dataclass
from datetime import date

from services.invoices.domain.approval import Approval
from services.invoices.domain.document.parties import Seller


@dataclass(frozen=True, slots=True)
class SellerConfigured:
    """The business said who it is; the last one counts."""

    seller: Seller


@dataclass(frozen=True, slots=True)
class BankAccountChangeRequested:
    """Somebody asked that customers pay into another account; nothing has changed yet."""

    request_id: str
    old_iban: str
    new_iban: str
    requested_by: Approval
    expires_at: str
    """RFC 3339; afterwards nobody can approve it."""


@dataclass(frozen=True, slots=True)
class BankAccountChanged:
    """A second person agreed: from here on documents name the new account."""

    request_id: str
    iban: str
    account_since: date
    approvals: tuple[Approval, ...]
    """Who asked and who agreed."""
    digest: str
    """Of what the second person was shown."""


@dataclass(frozen=True, slots=True)
class BankAccountChangeRejected:
    """A second person did not agree."""

    request_id: str
    rejected_by: Approval


@dataclass(frozen=True, slots=True)
class BankAccountChangeWithdrawn:
    """Who asked changed their mind."""

    request_id: str
    withdrawn_by: Approval


AccountEvent = BankAccountChangeRequested | BankAccountChanged | BankAccountChangeRejected | BankAccountChangeWithdrawn
