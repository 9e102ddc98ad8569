"""A role of the business's own as a small YAML file, read strictly.

name: Junior sales
grants:
- customer:write
- invoice:read: {own_customers: true}
- invoice:issue:
own_customers: true
amount_up_to: {amount: 1000.00, currency: EUR}
hours: {days: [1, 2, 3, 4, 5], from: 08:00, to: 18:00, zone: Europe/Berlin}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.files import read_yaml
from shared.contracts.conditions import GrantMalformed
from shared.contracts.grants import Grant, from_claims

_FLAGS = {"true": True, "false": False}


class RoleFileInvalid(Exception):
    """The file does not say what a role is; the message says which part."""


@dataclass(frozen=True, slots=True)
class RoleFile:
    """A role as it is wanted."""

    name: str
    grants: tuple[Grant, ...]


def load_role_file(path: Path) -> RoleFile:
    """Read a role; RoleFileInvalid, FileUnreadable."""
    # Every scalar as it is written: an amount is no float, and 18:00 is not the number that YAML takes it for.
    content = read_yaml(path, as_written=True)
    if not isinstance(content, dict) or set(content) != {"name", "grants"}:
        raise RoleFileInvalid("a role has a name and grants, and nothing else")
    name, grants = content["name"], content["grants"]
    if not isinstance(name, str) or not name.strip():
        raise RoleFileInvalid("the name of a role is text")
    if not isinstance(grants, list):
        raise RoleFileInvalid("grants are a list of permissions")
    try:
        return RoleFile(name.strip(), from_claims([_grant(each) for each in grants]))
    except GrantMalformed as malformed:
        raise RoleFileInvalid(str(malformed)) from None


def _grant(written: object) -> list[object]:
    if isinstance(written, str):
        return [written]
    if isinstance(written, dict) and len(written) == 1:
        ((permission, conditions),) = written.items()
        return [permission, _conditions(conditions)]
    raise RoleFileInvalid("a grant is a permission, or a permission and its conditions")


def _conditions(written: object) -> object:
    if not isinstance(written, dict):
        raise RoleFileInvalid("conditions are named")
    typed = {name: _FLAGS.get(value, value) if isinstance(value, str) else value for name, value in written.items()}
    if isinstance(hours := typed.get("hours"), Mapping) and isinstance(days := hours.get("days"), list):
        typed["hours"] = {**hours, "days": [int(day) if str(day).isdecimal() else day for day in days]}
    return typed
