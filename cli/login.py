"""Log in with password and code, at prompts only: neither ever stands on a command line."""

import socket

import click

from cli.audit.sentences import printable
from cli.kept_session import KeptSession, NotLoggedIn, forget, keep, read_kept, require_place
from cli.session import Session, connected, logged_in
from cli.stepping_up import ask_for_proof
from shared.contracts.errors import PublicError
from shared.kernel.ids import new_id
from shared.messaging.client import RpcClient


@click.command(short_help="Prove password and second factor, for twelve hours.")
@click.option("--tenant", required=True, help="Id of the business.")
@click.option("--email", required=True, help="Your address there.")
def login(tenant: str, email: str) -> None:
    """Prove password and second factor; the session lasts twelve hours, or one without use."""
    require_place()
    with connected() as client:
        password = click.prompt("Password", hide_input=True)
        who = {"tenant": tenant, "email": email, "password": password}
        begun = client.call("auth", "begin_login", {**who, "source": socket.gethostname()})
        proof = ask_for_proof(has_passkey="passkey_options" in begun)
        reply = client.call("auth", "complete_login", {"challenge": begun["challenge"], **proof})
        _end_kept(client)
    path = keep(reply)
    click.echo(f"Logged in, until {reply['session_ends_at']} at the latest; the session is in {path}")


def _end_kept(client: RpcClient) -> None:
    """End the session that a login takes the place of (ASVS 7.2.4); the login counts whatever becomes of that."""
    try:
        kept = Session(client, KeptSession(client))
        kept.command("auth", "end_session", {"session_id": read_kept().session_id}, new_id())
    except (NotLoggedIn, PublicError):
        pass  # none is kept, or it is over


@click.command()
def logout() -> None:
    """End the session, here and on the server."""
    try:
        with logged_in() as session:
            session.command("auth", "end_session", {"session_id": read_kept().session_id}, new_id())
    except NotLoggedIn:
        pass  # it is over already
    finally:
        # Whatever the server says: without the file nobody here goes on. A session that nobody uses ends by itself.
        forget()
    click.echo("Logged out")


@click.command()
def whoami() -> None:
    """Say who is logged in, with which factors and until when."""
    with logged_in() as session:
        me = session.query("auth", "whoami", {})
    for label in ("name", "email", "user_id", "tenant"):
        click.echo(printable(f"{label:9} {me[label]}"))
    click.echo(printable(f"role      {me['role_name']}"))
    click.echo(printable(f"session   {me['session_id']} with {' and '.join(me['factors'])}, until {me['ends_at']}"))


@click.group()
def sessions() -> None:
    """See and end your sessions."""


@sessions.command("list")
def list_command() -> None:
    """Print your sessions, a line each; the one you use is marked with a star."""
    with logged_in() as session:
        found = session.query("auth", "list_sessions", {})["sessions"]
    for each in found:
        mark = "*" if each["present"] else " "
        click.echo(
            printable(
                f"{mark} {each['session_id']}  since {each['began_at']}  from {each['source'] or 'nowhere named'}"
            )
        )


@sessions.command("end")
@click.argument("session_id")
def end_command(session_id: str) -> None:
    """End one of your sessions: whoever uses it is out within two seconds."""
    with logged_in() as session:
        session.command("auth", "end_session", {"session_id": session_id}, new_id())
    click.echo(printable(f"Session {session_id} has ended"))


@sessions.command("end-all-of")
@click.argument("user_id")
def end_all_command(user_id: str) -> None:
    """End all sessions of somebody in your business (owners only)."""
    with logged_in() as session:
        session.command("auth", "end_sessions_of", {"user_id": user_id}, new_id())
    click.echo(printable(f"All sessions of user {user_id} have ended"))
