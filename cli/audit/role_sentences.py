"""What happened to roles, as sentences."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Payload = Mapping[str, Any]


def _defined(payload: Payload) -> str:
    try:
        gives = given(json.loads(payload["grants"]))
    except (ValueError, KeyError, TypeError):
        gives = str(payload["grants"])  # conditions of another version: shown as they are
    return f"defined the role {payload['name']} ({payload['role_id']}): {gives}"


def given(grants: Sequence[Sequence[Any]]) -> str:
    """Return what grants give, in words of the permissions and their conditions."""
    return ", ".join(_grant(*grant) for grant in grants) or "nothing"


def _grant(permission: str, conditions: Mapping[str, Any] | None = None) -> str:
    limits = [_CONDITIONS[name](value) for name, value in (conditions or {}).items()]
    return f"{permission} ({', '.join(limits)})" if limits else permission


def _amount(limit: Mapping[str, str]) -> str:
    return f"up to {limit['amount']} {limit.get('currency', 'of any currency')}"


def _hours(hours: Mapping[str, Any]) -> str:
    days = "/".join(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day - 1] for day in hours["days"])
    return f"{days} {hours['from']}-{hours['to']} {hours['zone']}"


_CONDITIONS: Mapping[str, Callable[[Any], str]] = {
    "own_customers": lambda _: "own customers only",
    "amount_up_to": _amount,
    "states": lambda states: f"in state {' or '.join(states)}",
    "hours": _hours,
    "training_current": lambda _: "while training is current",
}


def _denied(payload: Payload) -> str:
    permission = f" ({payload['permission']})" if payload["permission"] else ""
    why = ", ".join(str(payload["reasons"]).split())
    return f"was denied {payload['method']}{permission}{_times(payload)}: {why}"


def _times(payload: Payload) -> str:
    return "" if payload["count"] == 1 else f", {payload['count']} times in the minute of {payload['minute']}"


ROLE_DEEDS: Mapping[str, Callable[[Payload], str]] = {
    "AccessDenied": _denied,
    "SensitiveAccessGranted": lambda payload: f"was allowed {payload['method']}, which is sensitive{_times(payload)}",
    "RoleDefined": _defined,
    "RoleRetired": lambda payload: f"retired the role {payload['role_id']}",
    "RoleAssigned": lambda payload: f"gave the role {payload['role']}",
}
