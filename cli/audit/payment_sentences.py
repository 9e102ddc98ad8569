"""What is said of payments, of what is owed, and of recurring plans."""

from collections.abc import Callable, Mapping
from typing import Any

Payload = Mapping[str, Any]


def _recorded(payload: Payload) -> str:
    line = f", bank line {payload['external_id']}" if payload.get("external_id") else ""
    return (
        f"wrote down payment {payload['payment_id']} of customer {payload['customer_id']}:"
        f" {payload['currency']} {payload['amount']} of {payload['value_date']} by {payload['method']}{line}"
    )


def _claimed(payload: Payload) -> str:
    parts = "".join(f", {name} {payload[name]}" for name in ("fee", "interest", "compensation") if payload.get(name))
    return (
        f"claimed {payload['currency']} {payload['amount']} of customer {payload['customer_id']}, due {payload['due']}"
        f" ({payload['cause']} of {payload['source']}{parts})"
    )


PAYMENT_DEEDS: Mapping[str, Callable[[Payload], str]] = {
    "PaymentRecorded": _recorded,
    "BankLineTaken": lambda payload: f"took the bank line for payment {payload['payment_id']}",
    "PaymentAllocated": lambda payload: (
        f"allocated {payload['amount']} of payment {payload['payment_id']} to invoice {payload['invoice_id']}"
    ),
    "AllocationUndone": lambda payload: (
        f"took {payload['amount']} of payment {payload['payment_id']} back from invoice {payload['invoice_id']}"
        f" ({payload['reason']})"
    ),
    "PaymentRefunded": lambda payload: (
        f"refunded {payload['amount']} of payment {payload['payment_id']} ({payload['reason']})"
    ),
    "CreditNoteRefunded": lambda payload: (
        f"refunded {payload['amount']} of credit note {payload['invoice_id']} ({payload['reason']})"
    ),
    "PaymentReversed": lambda payload: (
        f"told that the bank took payment {payload['payment_id']} back ({payload['reason']})"
    ),
    "ClaimRaised": _claimed,
    "AllocationReceived": lambda payload: (
        f"counted {payload['amount']} of payment {payload['payment_id']} as paid on invoice {payload['invoice_id']}"
    ),
    "AllocationReturned": lambda payload: (
        f"counted {payload['amount']} of payment {payload['payment_id']} as owed again on {payload['invoice_id']}"
    ),
    "InvoiceWrittenOff": lambda payload: (
        f"wrote off {payload['amount']} of invoice {payload['invoice_id']} ({payload['reason']})"
    ),
    "PlanMade": lambda payload: (
        f"made plan {payload['plan_id']}: {'issues' if payload.get('issue') else 'drafts'} for customer"
        f" {payload['content']['customer_id']} every {payload['schedule'].get('every', 1)}"
        f" {payload['schedule']['interval']} from {payload['schedule']['first']}"
    ),
    "PlanFulfilled": lambda payload: f"wrote {payload['invoice_id']} by plan {payload['plan_id']} for {payload['day']}",
    "PlanPaused": lambda payload: f"paused plan {payload['plan_id']} ({payload['reason']})",
    "PlanResumed": lambda payload: f"resumed plan {payload['plan_id']} from {payload['day']} on",
    "PlanEnded": lambda payload: f"ended plan {payload['plan_id']} ({payload['reason']})",
    "WriteOffReversed": lambda payload: (
        f"took the write-off of invoice {payload['invoice_id']} back ({payload['reason']})"
    ),
}
