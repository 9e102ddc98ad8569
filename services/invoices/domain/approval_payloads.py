"""Approvals to and from the JSON values that the log seals; see payloads.py."""

from collections.abc import Mapping
from typing import Any

from services.invoices.domain.approval import Approval


def approval_to(approval: Approval) -> dict[str, object]:
    """Write an approval."""
    return {"user_id": approval.user_id, "factors": list(approval.factors)}


def approval_from(payload: Mapping[str, Any]) -> Approval:
    """Read an approval."""
    return Approval(payload["user_id"], tuple(payload["factors"]))
