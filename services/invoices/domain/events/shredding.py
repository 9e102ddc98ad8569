"""What can happen when a customer is to be forgotten."""

from dataclasses import dataclass

from services.invoices.domain.approval import Approval


@dataclass(frozen=True, slots=True)
class ShreddingRequested:
    """Somebody asked to forget a customer."""

    request_id: str
    customer_id: str
    reason: str
    """A code, never free text: this stays readable when the customer does not."""
    override: str | None
    """Why a running retention period shall not stand in the way (a code); None: it shall."""
    requested_by: Approval
    expires_at: str
    """RFC 3339; afterwards nobody can approve it. Only a request that overrides retention waits at all."""


@dataclass(frozen=True, slots=True)
class ShreddingApproved:
    """A second person agreed."""

    request_id: str
    approved_by: Approval
    digest: str
    """Of what they were shown."""


@dataclass(frozen=True, slots=True)
class ShreddingRejected:
    """A second person did not agree."""

    request_id: str
    rejected_by: Approval


@dataclass(frozen=True, slots=True)
class ShreddingWithdrawn:
    """Who asked changed their mind."""

    request_id: str
    withdrawn_by: Approval


@dataclass(frozen=True, slots=True)
class SubjectShredded:
    """A data subject is to be unreadable from here on: the keys are destroyed as soon as this stands in the log."""

    subject: str
    """Whose keys, e.g. `customer-<id>`."""
    reason: str
    override: str | None
    approvals: tuple[Approval, ...]
    """Who asked and who agreed."""
    keys: tuple[str, ...]
    """Ids of the destroyed DEKs: by them an auditor tells what was destroyed on purpose from what is missing."""


ShreddingEvent = ShreddingRequested | ShreddingApproved | ShreddingRejected | ShreddingWithdrawn | SubjectShredded
