"""The events of a shredding to and from the JSON values that the log seals; see payloads.py."""

from collections.abc import Callable, Mapping
from typing import Any

from services.invoices.domain.approval_payloads import approval_from, approval_to
from services.invoices.domain.events import (
    ShreddingApproved,
    ShreddingEvent,
    ShreddingRejected,
    ShreddingRequested,
    ShreddingWithdrawn,
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
        case ShreddingRejected():
            return {"request_id": event.request_id, "rejected_by": approval_to(event.rejected_by)}
        case ShreddingWithdrawn():
            return {"request_id": event.request_id, "withdrawn_by": approval_to(event.withdrawn_by)}
        case SubjectShredded():
            content = {
                "subject": event.subject,
                "reason": event.reason,
                "approvals": [approval_to(approval) for approval in event.approvals],
                "keys": list(event.keys),
            }
            return content | _override_to(event.override)


def _requested_from(payload: Payload) -> ShreddingRequested:
    return ShreddingRequested(
        request_id=payload["request_id"],
        customer_id=payload["customer_id"],
        reason=payload["reason"],
        override=payload.get("override"),
        requested_by=approval_from(payload["requested_by"]),
        expires_at=payload["expires_at"],
    )


def _approved_from(payload: Payload) -> ShreddingApproved:
    return ShreddingApproved(payload["request_id"], approval_from(payload["approved_by"]), payload["digest"])


def _shredded_from(payload: Payload) -> SubjectShredded:
    return SubjectShredded(
        subject=payload["subject"],
        reason=payload["reason"],
        override=payload.get("override"),
        approvals=tuple(approval_from(approval) for approval in payload["approvals"]),
        keys=tuple(payload["keys"]),
    )


def _rejected_from(payload: Payload) -> ShreddingRejected:
    return ShreddingRejected(payload["request_id"], approval_from(payload["rejected_by"]))


def _withdrawn_from(payload: Payload) -> ShreddingWithdrawn:
    return ShreddingWithdrawn(payload["request_id"], approval_from(payload["withdrawn_by"]))


def _override_to(override: str | None) -> dict[str, object]:
    return {} if override is None else {"override": override}


SHREDDING_READERS: Mapping[str, Callable[[Payload], ShreddingEvent]] = {
    "ShreddingRequested": _requested_from,
    "ShreddingApproved": _approved_from,
    "ShreddingRejected": _rejected_from,
    "ShreddingWithdrawn": _withdrawn_from,
    "SubjectShredded": _shredded_from,
}
"""A reader for every event of a shredding."""
