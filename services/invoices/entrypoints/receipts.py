"""Replies to commands carry the receipt of what they recorded."""

from typing import Any

from services.invoices.dependencies import App
from shared.messaging.endpoints import Call


def receipted(app: App, call: Call, reply: dict[str, Any]) -> dict[str, Any]:
    """Add the receipt of the event at the reply's position: a retry gets the very same."""
    return {**reply, "receipt": app.log_access.receipt(call.require_tenant(), reply["position"])}
