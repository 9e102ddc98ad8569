"""`tallystick approvals`: what waits for a second person (docs/approvals.md)."""

import click

from cli.approvals.waiting import Waiting, waiting
from cli.audit.sentences import printable
from cli.customers.loss import show_loss
from cli.session import Session, logged_in
from shared.kernel.ids import new_id

_request = click.argument("request_id")
_yes = click.option("--yes", is_flag=True, help="Do not ask; for programs that have shown what is agreed to.")


@click.group()
def approvals() -> None:
    """See what needs a second person, and agree to it or not."""


@approvals.command("list")
def list_command() -> None:
    """Print what waits, a line each, ids first."""
    with logged_in() as session:
        found = list(waiting(session))
    for each in found:
        click.echo(printable(f"{each.request_id}  {each.lines()[0]}; asked by user {each.shown['requested_by']}"))
    if not found:
        click.echo("Nothing waits that you could decide.", err=True)


@approvals.command("show")
@_request
def show_command(*, request_id: str) -> None:
    """Print everything that is agreed to by approving a request."""
    with logged_in() as session:
        _show(_found(session, request_id), err=False)


@approvals.command("approve")
@_request
@_yes
def approve_command(*, request_id: str, yes: bool) -> None:
    """Agree, as a second person, to exactly what is shown; it takes effect at once."""
    with logged_in() as session:
        found = _found(session, request_id)
        _show(found, err=True)
        if found.destroys is not None:
            show_loss(session, found.destroys)
        if not yes:
            click.confirm("Agree to exactly this?", abort=True, err=True)
        reply = found.approve(session, new_id())
    click.echo(f"approved {request_id}")
    if "invitation" in reply:
        click.echo("The new invitation, to be handed over in person:", err=True)
        click.echo(reply["invitation"])


@approvals.command("reject")
@_request
def reject_command(*, request_id: str) -> None:
    """Say no to a request, or withdraw one's own: everything stays as it is."""
    with logged_in() as session:
        _found(session, request_id).end(session, new_id())
    click.echo(f"rejected {request_id}")


@approvals.command("request-owner")
@click.argument("user_id")
def request_owner_command(*, user_id: str) -> None:
    """Ask that a user of the business become an owner; another owner has to agree, or the operator for the second."""
    with logged_in() as session:
        reply = session.command("auth", "request_owner_grant", {"user_id": user_id}, new_id())
    click.echo(f"awaiting_approval {reply['request_id']}")


def _found(session: Session, request_id: str) -> Waiting:
    for each in waiting(session):
        if each.request_id == request_id:
            return each
    raise click.ClickException(printable(f"Nothing waits under {request_id!r}; see: tallystick approvals list"))


def _show(found: Waiting, *, err: bool) -> None:
    for line in found.lines():
        click.echo(printable(line), err=err)
