"""What is said of quotes."""

from collections.abc import Callable, Mapping
from typing import Any

Payload = Mapping[str, Any]


def _offered(verb: str) -> Callable[[Payload], str]:
    def write(payload: Payload) -> str:
        amount = f"{payload['content']['currency']} {payload['totals']['payable']}"
        return (
            f"{verb} {payload['customer']['name']} {amount} by quote {payload['number']},"
            f" revision {payload['revision']}, valid until {payload['valid_until']}"
        )

    return write


def _accepted(payload: Payload) -> str:
    order = f" as order {payload['order_reference']}" if payload.get("order_reference") else ""
    return (
        f"wrote down that {payload['accepted_by']} accepted quote {payload['quote_id']}"
        f" on {payload['accepted_on']}{order}"
    )


def _invoiced(payload: Payload) -> str:
    percent = payload.get("deposit_percent")
    what = "the final invoice" if percent is None else f"a deposit of {percent} %"
    return f"drafted {what} of quote {payload['quote_id']}: {payload['invoice_id']}"


QUOTE_DEEDS: Mapping[str, Callable[[Payload], str]] = {
    "QuoteMade": _offered("offered"),
    "QuoteChanged": _offered("offered otherwise"),
    "QuoteExtended": lambda payload: f"extended quote {payload['quote_id']} until {payload['valid_until']}",
    "QuoteAccepted": _accepted,
    "QuoteDeclined": lambda payload: f"wrote down that quote {payload['quote_id']} was declined ({payload['reason']})",
    "QuoteInvoiced": _invoiced,
    "QuoteArchived": lambda payload: f"archived revision {payload['revision']} of quote {payload['quote_id']}",
    "QuoteNumberTaken": lambda payload: (
        f"gave {payload['number']}, number {payload['sequence']} of quotes, to {payload['quote_id']}"
    ),
}
