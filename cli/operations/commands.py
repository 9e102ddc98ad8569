"""`tallystick operations`: what whoever runs the machine has to know, of all businesses on it."""

import json
from collections.abc import Mapping
from typing import Any

import click

from cli.audit.sentences import printable
from cli.session import as_operator
from shared.contracts.errors import ErrorCode, PublicError

_FOLLOWING = ("auth", "invoices")
"""The services that follow a log; the others have nothing that could halt."""
_HALTED, _UNKNOWN = 1, 3


@click.group()
def operations() -> None:
    """Look after a running system, as its operator: with the key that TALLYSTICK_SERVICE_KEY_FILE names."""


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


def _sentence(service: str, halt: Mapping[str, Any]) -> str:
    return (
        f"{service}: {halt['projection']} stands at position {halt['position']} of tenant {halt['tenant']} since"
        f" {halt['at']}: {halt['kind']}; {halt['attempts']} attempts, the next at {halt['retry_at']}"
    )
