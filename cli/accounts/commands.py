"""`tallystick enrol`, `password`, `factors`, `recovery-codes`: one's own account (docs/accounts.md).

Invitations, passwords and codes are asked for at prompts; none of them ever stands on a command line.
"""

from pathlib import Path

import click

from cli.accounts.qr import show_codes, show_secret
from cli.audit.sentences import printable
from cli.files import OutputFile
from cli.session import connected, logged_in
from cli.stepping_up import prove_at_prompt

_png = click.option(
    "--png", type=OutputFile(new=True), help="Write the QR code to this new file instead of the terminal."
)


_NEEDS_A_PAGE = (
    "A passkey is made by a web page, because only a browser tells it which site it is for, and there is no such page"
    " yet. Add an authenticator app instead. The service is ready: see docs/passkeys.md."
)


def _ask_new_password() -> str:
    return str(click.prompt("New password, 12 characters or more", hide_input=True, confirmation_prompt=True))


def _ask_both(deed: str) -> dict[str, str]:
    """Ask for what changes what one logs in with: both factors, as at a login."""
    current = click.prompt("Present password", hide_input=True)
    return {"current_password": str(current), **prove_at_prompt(deed)}


def _ask_code() -> str:
    return str(click.prompt("Code that the app shows", hide_input=True))


@click.command(short_help="Open your account with an invitation.")
@_png
def enrol(png: Path | None) -> None:
    """Open your account with an invitation: a password, then an authenticator app."""
    with connected() as client:
        invitation = click.prompt("Invitation", hide_input=True)
        request = {"invitation": invitation, "password": _ask_new_password()}
        begun = client.call("auth", "begin_enrolment", request)
        show_secret(str(begun["provisioning_uri"]), png)
        request = {"enrolment": str(begun["enrolment"]), "code": _ask_code()}
        enrolled = client.call("auth", "complete_enrolment", request)
    show_codes(list(map(str, enrolled["recovery_codes"])))
    click.echo(f"\nYour account is open. Log in with: tallystick login --tenant {enrolled['tenant']} --email …")


@click.group()
def password() -> None:
    """Change your password."""


@password.command("change")
def change_password() -> None:
    """Choose another password; your other sessions end."""
    with logged_in() as session:
        request = {**_ask_both("Changing your password"), "password": _ask_new_password()}
        session.query("auth", "change_password", request)
    click.echo("Your password is changed; your other sessions have ended.")


@click.group()
def factors() -> None:
    """List, add and remove your second factors."""


@factors.command("list")
def list_factors() -> None:
    """Print your factors, a line each, ids first."""
    with logged_in() as session:
        found = session.query("auth", "list_factors", {})
    for factor in found["factors"]:
        since = factor["added_at"][:10]
        click.echo(printable(f"{factor['factor_id']}  {factor['kind']}  {factor['name']}, since {since}"))
    click.echo(f"Recovery codes left: {found['recovery_codes_left']}")


@factors.command("add")
@click.argument("name")
@_png
@click.option("--passkey", is_flag=True, help="Add a passkey: says why that is not done here.")
def add_factor(name: str, png: Path | None, *, passkey: bool) -> None:
    """Add an authenticator app under a name of yours; your other sessions end."""
    if passkey:
        raise click.ClickException(_NEEDS_A_PAGE)
    with logged_in() as session:
        begun = session.query("auth", "begin_factor", {"name": name, **_ask_both("Adding a factor")})
        show_secret(begun["provisioning_uri"], png)
        session.query("auth", "complete_factor", {"offer": begun["offer"], "code": _ask_code()})
    click.echo(printable(f"{name} counts from now on; your other sessions have ended."))


@factors.command("remove")
@click.argument("factor_id")
def remove_factor(factor_id: str) -> None:
    """Give up a factor; your password and another factor, or a recovery code, prove it is you. Other sessions end."""
    with logged_in() as session:
        shown = _ask_both("Removing a factor (prove it with another one)")
        session.query("auth", "remove_factor", {"factor_id": factor_id, **shown})
    click.echo("It proves nothing any more; your other sessions have ended.")


@click.group("recovery-codes")
def recovery_codes() -> None:
    """Renew your recovery codes."""


@recovery_codes.command("renew")
def renew_recovery_codes() -> None:
    """Get ten new codes; the earlier ones count no more, and your other sessions end."""
    with logged_in() as session:
        renewed = session.query("auth", "renew_recovery_codes", _ask_both("Renewing your recovery codes"))
    show_codes(renewed["recovery_codes"])
