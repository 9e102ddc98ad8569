"""The events of a shredding to and from the JSON values that the log seals; see payloads.py."""

from collections.abc import Mapping
from typing import Any

from services.invoices.domain.approval_payloads import approval_from, approval_to
from services.invoices.domain.events import (
    ShreddingApproved,
    ShreddingEvent,
    ShreddingRequested,
    SubjectShredded,
)

Payload = Mapping[str, Any]


def shredding_to(event: ShreddingEvent) -> dict[str, object]:
    """Write an event's content; no override is an absent one."""
    match event:
        case ShreddingRequested():
            content: dict[str, object] = {
                "request_id": event.request_id,
                "customer_id": event.customer_id,
                "reason": event.reason,
                "requested_by": approval_to(event.requested_by),
                "expires_at": event.expires_at,
            }
            return content | _override_to(event.override)
        case ShreddingApproved():
            return {
                "request_id": event.request_id,
                "approved_by": approval_to(event.approved_by),
                "digest": event.digest,
            }
        case SubjectShredded():
            content = {
                "subject": event.subject,
                "reason": event.reason,
                "approvals": [approval_to(approval) for approval in event.approvals],
                "keys": list(event.keys),
            }
            return content | _override_to(event.override)


def requested_from(payload: Payload) -> ShreddingRequested:
    """Read a request."""
    return ShreddingRequested(
        request_id=payload["request_id"],
        customer_id=payload["customer_id"],
        reason=payload["reason"],
        override=payload.get("override"),
        requested_by=approval_from(payload["requested_by"]),
        expires_at=payload["expires_at"],
    )


def approved_from(payload: Payload) -> ShreddingApproved:
    """Read an approval."""
    return ShreddingApproved(payload["request_id"], approval_from(payload["approved_by"]), payload["digest"])


def shredded_from(payload: Payload) -> SubjectShredded:
    """Read what was shredded."""
    return SubjectShredded(
        subject=payload["subject"],
        reason=payload["reason"],
        override=payload.get("override"),
        approvals=tuple(approval_from(approval) for approval in payload["approvals"]),
        keys=tuple(payload["keys"]),
    )


def _override_to(override: str | None) -> dict[str, object]:
    return {} if override is None else {"override": override}
