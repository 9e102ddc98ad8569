"""`tallystick users lock-state|unlock|disable|enable|reset-factors` (docs/accounts.md)."""

from typing import Any

import click

from cli.session import logged_in
from cli.users.finding import find_user
from shared.kernel.ids import new_id

_user = click.argument("user")


@click.command("lock-state")
@_user
def lock_state(user: str) -> None:
    """Tell how often USER (id or address) failed in a row, and until when the account is closed."""
    with logged_in() as session:
        state = session.query("auth", "lock_state", {"user_id": find_user(session, user)["user_id"]})
    closed = state.get("closed_until")
    click.echo(f"{state['failures']} failures in a row; " + (f"closed until {closed}" if closed else "open"))


@click.command("unlock")
@_user
def unlock(user: str) -> None:
    """Lift the lock that failures brought USER."""
    _command("unlock_user", user, {})
    click.echo("The failures are forgotten.")


@click.command("disable")
@_user
@click.option("--reason", required=True, help="Why; it stays in the log.")
def disable(user: str, reason: str) -> None:
    """Close the account of USER and end its sessions."""
    _command("disable_user", user, {"reason": reason})
    click.echo("The account is disabled; its sessions have ended.")


@click.command("enable")
@_user
def enable(user: str) -> None:
    """Open the disabled account of USER again."""
    _command("enable_user", user, {})
    click.echo("The account is enabled.")


@click.command("reset-factors")
@_user
@click.option("--reason", required=True, help="How it was checked who asks; it stays in the log.")
def reset_factors(user: str, reason: str) -> None:
    """Ask that USER, who lost password or factors, enrols anew; another owner has to agree."""
    requested = _command("request_factor_reset", user, {"reason": reason})
    click.echo(f"awaiting_approval {requested['request_id']}")


def _command(method: str, user: str, request: dict[str, object]) -> dict[str, Any]:
    with logged_in() as session:
        whose = find_user(session, user)["user_id"]
        return session.command("auth", method, {"user_id": whose, **request}, new_id())


COMMANDS = (lock_state, unlock, disable, enable, reset_factors)
