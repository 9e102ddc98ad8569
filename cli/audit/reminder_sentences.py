"""What is said of reminders, of base rates, and of claims that are given up."""

from collections.abc import Callable, Mapping
from typing import Any

Payload = Mapping[str, Any]


def _configured(payload: Payload) -> str:
    policy = payload["policy"]
    levels = ", ".join(
        f"after {level['days']} days for {policy['currency']} {level.get('fee', '0')}" for level in policy["levels"]
    )
    itself = ", by itself" if policy.get("automatic") else ""
    return f"said how the business reminds{itself}: {levels}"


def _reminded(payload: Payload) -> str:
    names = ("fee", "interest", "compensation")
    claimed = "".join(f", {name} {payload[name]}" for name in names if payload.get(name))
    return (
        f"reminded of invoice {payload['invoice_id']} at level {payload['level']} on {payload['day']}:"
        f" {payload['balance']} owed{claimed}, to pay by {payload['pay_by']} (reminder {payload['reminder_id']})"
    )


def _written(payload: Payload) -> str:
    reminder = payload["reminder"]
    return (
        f"wrote reminder {reminder['reminder_id']} of invoice {payload['number']} to {payload['customer']['name']},"
        f" level {reminder['level']}"
    )


def _base_rate(payload: Payload) -> str:
    rate = payload["rate"]
    return f"wrote down the base rate from {rate['valid_from']} on: {rate['percent']} % ({rate['source']})"


def _held(payload: Payload) -> str:
    until = f" until {payload['until']}" if payload.get("until") else ""
    return f"held reminders of invoice {payload['invoice_id']} back{until} ({payload['reason']})"


REMINDER_DEEDS: Mapping[str, Callable[[Payload], str]] = {
    "RemindersConfigured": _configured,
    "BaseRateRecorded": _base_rate,
    "Reminded": _reminded,
    "ReminderWritten": _written,
    "ReminderArchived": lambda payload: f"archived the letter of reminder {payload['reminder_id']}",
    "RemindersHeld": _held,
    "RemindersResumed": lambda payload: f"had invoice {payload['invoice_id']} reminded of again",
    "ClaimWaived": lambda payload: f"gave up {payload['amount']} of claim {payload['claim_id']} ({payload['reason']})",
}
