"""Who and which role are meant: by id, or by what people call them."""

from collections.abc import Mapping
from typing import Any

import click

from cli.session import Session
from shared.kernel.ids import is_uuid


def find_user(session: Session, named: str) -> Mapping[str, Any]:
    """Return the user with this id or address; click.ClickException when there is none."""
    users = session.query("auth", "list_users", {})["users"]
    for user in users:
        if named == user["user_id"] or named.casefold() == user["email"].casefold():
            found: Mapping[str, Any] = user
            return found
    raise click.ClickException(f"There is nobody known as {named!r}; look with: tallystick users list")


def find_role(session: Session, named: str) -> Mapping[str, Any]:
    """Return the role with this id or name, built-in or own; click.ClickException when there is none."""
    role = role_named(session, named)
    if role is None:
        raise click.ClickException(f"There is no role {named!r}; look with: tallystick roles list")
    return role


def role_named(session: Session, named: str) -> Mapping[str, Any] | None:
    """Return the role with this id or name; None when there is none."""
    for role in session.query("auth", "list_roles", {})["roles"]:
        if named == role["role_id"] or (not is_uuid(named) and named.casefold() == role["name"].casefold()):
            found: Mapping[str, Any] = role
            return found
    return None
