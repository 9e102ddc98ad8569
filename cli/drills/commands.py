"""`tallystick drills`: harmless mails that look like attacks, and who followed their links (docs/training.md)."""

from collections.abc import Mapping
from typing import Any

import click

from cli.audit.sentences import printable
from cli.session import Session, logged_in
from shared.contracts.drills import MOST_PEOPLE
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id


@click.group()
def drills() -> None:
    """Practise with mails that look like attacks."""


@drills.command("list")
def list_command() -> None:
    """Name the mails that can be sent, and the drills that were."""
    with logged_in() as session:
        known = session.query("auth", "list_drills", {})
        for each in known["templates"]:
            click.echo(printable(f"{each['template']:<16} {each['about']} (leads to {each['module']})"))
        for each in known["drills"]:
            click.echo(printable(f"{each['drill_id']}  {each['template']}, {each['mails']} mails"))


@drills.command("start", epilog="\b\nExamples:\n  tallystick drills start shared_invoice\n")
@click.argument("template")
@click.option("--user", "users", multiple=True, help="Id of somebody to mail; without any, everybody.")
def start_command(*, template: str, users: tuple[str, ...]) -> None:
    """Have a drill mailed; where there are more than 500 people, several drills of at most 500 each."""
    with logged_in() as session:
        try:
            _start(session, template, list(users))
        except PublicError as refused:
            if refused.code is not ErrorCode.TOO_MANY_PEOPLE:
                raise
            people = [each["user_id"] for each in session.query("auth", "list_users", {})["users"] if _active(each)]
            for some in range(0, len(people), MOST_PEOPLE):
                _start(session, template, people[some : some + MOST_PEOPLE])


def _start(session: Session, template: str, users: list[str]) -> None:
    request = {"template": template, **({"user_ids": users} if users else {})}
    started = session.command("auth", "start_drill", request, new_id())
    click.echo(
        f"{started['mails']} mails go out; see who follows with: tallystick drills results {started['drill_id']}"
    )


def _active(user: Mapping[str, Any]) -> bool:
    return bool(user["state"] == "active")


@drills.command("results")
@click.argument("drill_id")
def results_command(*, drill_id: str) -> None:
    """Show who followed the link."""
    with logged_in() as session:
        result = session.query("auth", "drill_results", {"drill_id": drill_id})
    click.echo(f"{result['followed']} of {result['mailed']} followed the link of {printable(result['template'])}.")
    for person in result["people"]:
        click.echo(printable(f"{'followed' if person['followed'] else '-':<8} {person['user_id']}  {person['name']}"))
