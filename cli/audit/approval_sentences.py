"""What is said of account changes and of other things that take two people."""

from collections.abc import Callable, Mapping
from typing import Any

Payload = Mapping[str, Any]


def _requested(payload: Payload) -> str:
    return (
        f"asked that customers pay into {payload['new_iban']} instead of {payload['old_iban']}"
        f" (request {payload['request_id']})"
    )


def _changed(payload: Payload) -> str:
    approvals = " and ".join(f"user {approval['user_id']}" for approval in payload["approvals"])
    return f"changed the account to {payload['iban']} (request {payload['request_id']}), decided by {approvals}"


def _reset(payload: Payload) -> str:
    asked = f", as user {payload['requested_by']} asked" if payload["requested_by"] else ""
    return f"took password and factors of the user away{asked}: a new invitation opens the account"


APPROVAL_DEEDS: Mapping[str, Callable[[Payload], str]] = {
    "OwnerGrantRequested": lambda payload: (
        f"asked that user {payload['user_id']} become an owner (request {payload['request_id']})"
    ),
    "OwnerGranted": lambda payload: (
        f"agreed that user {payload['user_id']} become an owner, as user {payload['requested_by']} asked"
    ),
    "OwnerGrantEnded": lambda payload: f"ended request {payload['request_id']} to make somebody an owner",
    "FactorResetRequested": lambda payload: (
        f"asked that the user enrols anew ({payload['reason']}, request {payload['request_id']})"
    ),
    "FactorResetEnded": lambda payload: f"ended request {payload['request_id']} that the user enrols anew",
    "FactorsReset": _reset,
    "BankAccountChangeRequested": _requested,
    "BankAccountChanged": _changed,
    "BankAccountChangeRejected": lambda payload: f"rejected request {payload['request_id']} for another account",
    "BankAccountChangeWithdrawn": lambda payload: f"withdrew request {payload['request_id']} for another account",
}
