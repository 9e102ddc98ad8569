"""The events of an account change to and from the JSON values that the log seals; see payloads.py."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from services.invoices.domain.account_events import (
    AccountEvent,
    BankAccountChanged,
    BankAccountChangeRejected,
    BankAccountChangeRequested,
    BankAccountChangeWithdrawn,
)
from services.invoices.domain.approval_payloads import approval_from, approval_to

Payload = Mapping[str, Any]


def account_to(event: AccountEvent) -> dict[str, object]:
    """Write an event's content."""
    match event:
        case BankAccountChangeRequested():
            return {
                "request_id": event.request_id,
                "old_iban": event.old_iban,
                "new_iban": event.new_iban,
                "requested_by": approval_to(event.requested_by),
                "expires_at": event.expires_at,
            }
        case BankAccountChanged():
            return {
                "request_id": event.request_id,
                "iban": event.iban,
                "account_since": event.account_since.isoformat(),
                "approvals": [approval_to(approval) for approval in event.approvals],
                "digest": event.digest,
            }
        case BankAccountChangeRejected():
            return {"request_id": event.request_id, "rejected_by": approval_to(event.rejected_by)}
        case BankAccountChangeWithdrawn():
            return {"request_id": event.request_id, "withdrawn_by": approval_to(event.withdrawn_by)}


def _requested_from(payload: Payload) -> BankAccountChangeRequested:
    return BankAccountChangeRequested(
        request_id=payload["request_id"],
        old_iban=payload["old_iban"],
        new_iban=payload["new_iban"],
        requested_by=approval_from(payload["requested_by"]),
        expires_at=payload["expires_at"],
    )


def _changed_from(payload: Payload) -> BankAccountChanged:
    return BankAccountChanged(
        request_id=payload["request_id"],
        iban=payload["iban"],
        account_since=date.fromisoformat(payload["account_since"]),
        approvals=tuple(approval_from(approval) for approval in payload["approvals"]),
        digest=payload["digest"],
    )


def _rejected_from(payload: Payload) -> BankAccountChangeRejected:
    return BankAccountChangeRejected(payload["request_id"], approval_from(payload["rejected_by"]))


def _withdrawn_from(payload: Payload) -> BankAccountChangeWithdrawn:
    return BankAccountChangeWithdrawn(payload["request_id"], approval_from(payload["withdrawn_by"]))


ACCOUNT_READERS: Mapping[str, Callable[[Payload], AccountEvent]] = {
    "BankAccountChangeRequested": _requested_from,
    "BankAccountChanged": _changed_from,
    "BankAccountChangeRejected": _rejected_from,
    "BankAccountChangeWithdrawn": _withdrawn_from,
}
"""A reader for every event of an account change."""
