"""Log in with password and code, at prompts only: neither ever stands on a command line."""

import socket

import click

from cli.session import connected, keep_token, token_file


@click.command()
@click.option("--tenant", required=True, help="Id of the business.")
@click.option("--email", required=True, help="Your address there.")
def login(tenant: str, email: str) -> None:
    """Prove password and second factor; keeps a token for five minutes."""
    with connected() as client:
        password = click.prompt("Password", hide_input=True)
        who = {"tenant": tenant, "email": email, "password": password}
        begun = client.call("auth", "begin_login", {**who, "source": socket.gethostname()})
        code = click.prompt("Code from your authenticator app", hide_input=True)
        reply = client.call("auth", "complete_login", {"challenge": begun["challenge"], "code": code})
    path = keep_token(str(reply["token"]))
    click.echo(f"Logged in until {reply['expires_at']}; the token is in {path}")


@click.command()
def logout() -> None:
    """Delete the token of the last login."""
    token_file().unlink(missing_ok=True)
    click.echo("Logged out")
