"""`tallystick operations`: what whoever runs the machine has to know, of all businesses on it."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import click

from cli.audit.sentences import printable
from cli.operations.businesses import found_command, snapshot_command, snapshots_command
from cli.session import as_operator
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of
from shared.kernel.ids import new_id

_FOLLOWING = ("auth", "invoices")
"""The services that follow a log; the others have nothing that could halt."""
_HALTED, _UNKNOWN = 1, 3


@click.group(short_help="Look after a running system, as its operator.")
def operations() -> None:
    """Look after a running system, as its operator: with the key that TALLYSTICK_SERVICE_KEY_FILE names."""


operations.add_command(found_command)
operations.add_command(snapshot_command)
operations.add_command(snapshots_command)


@operations.command(
    "halts", epilog="\b\nExamples:\n  tallystick operations halts\n  tallystick operations halts --json\n"
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def halts_command(context: click.Context, *, as_json: bool) -> None:
    """Show what does not get on: projections and the relay, whose log, at which event, at what kind of error.

    Exit status 0: nothing is halted. 1: something is. 3: a service did not answer, so that nobody knows.
    """
    found: dict[str, list[Mapping[str, Any]] | None] = {}
    with as_operator() as session:
        for service in _FOLLOWING:
            try:
                found[service] = session.query(service, "halts", {})["halted"]
            except PublicError as error:
                if error.code is not ErrorCode.SERVICE_UNAVAILABLE:
                    raise
                found[service] = None
    silent = [service for service, halts in found.items() if halts is None]
    halted = [(service, halt) for service, halts in found.items() for halt in halts or ()]
    if as_json:
        click.echo(json.dumps(found))
    else:
        for service, halt in halted:
            click.echo(printable(_sentence(service, halt)))
        if not halted and not silent:
            click.echo("Nothing is halted.")
    for service in silent:
        click.echo(f"The service {service} does not answer.", err=True)
    context.exit(_UNKNOWN if silent else _HALTED if halted else 0)


@operations.command("approve-owner")
@click.argument("request_id")
@click.option("--tenant", required=True, help="Id of the business.")
@click.option("--yes", is_flag=True, help="Do not ask; for programs that have shown what is agreed to.")
def approve_owner_command(*, request_id: str, tenant: str, yes: bool) -> None:
    """Agree that a business with one owner gets a second one, after asking its owner by another way than this system.

    Where there are two owners already, one of them agrees: tallystick approvals approve.
    """
    with as_operator() as session:
        call = partial(session.client.call, "auth", token=session.tokens.token(), tenant=tenant)
        waiting = call("list_owner_grants", {})["waiting"]
        found = next((each for each in waiting if each["request_id"] == request_id), None)
        if found is None:
            raise click.ClickException(printable(f"Nothing waits under {request_id!r} in this business."))
        for name, value in found.items():
            click.echo(printable(f"{name}: {value}"), err=True)
        if not yes:
            click.confirm("Make exactly this person an owner?", abort=True, err=True)
        agreed = {"request_id": request_id, "digest": digest_of(found)}
        call("approve_owner_grant", agreed, idempotency_key=new_id())
    click.echo(f"approved {request_id}")


def _sentence(service: str, halt: Mapping[str, Any]) -> str:
    return (
        f"{service}: {halt['projection']} stands at position {halt['position']} of tenant {halt['tenant']} since"
        f" {halt['at']}: {halt['kind']}; {halt['attempts']} attempts, the next at {halt['retry_at']}"
    )
