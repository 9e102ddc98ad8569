"""`tallystick drills`: harmless mails that look like attacks, and who followed their links (docs/training.md)."""

from typing import Any

import click

from cli.audit.sentences import printable
from cli.session import logged_in
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
    """Have a drill mailed."""
    request: dict[str, Any] = {"template": template}
    if users:
        request["user_ids"] = list(users)
    with logged_in() as session:
        started = session.command("auth", "start_drill", request, new_id())
    click.echo(
        f"{started['mails']} mails go out; see who follows with: tallystick drills results {started['drill_id']}"
    )


@drills.command("results")
@click.argument("drill_id")
def results_command(*, drill_id: str) -> None:
    """Show who followed the link."""
    with logged_in() as session:
        result = session.query("auth", "drill_results", {"drill_id": drill_id})
    click.echo(f"{result['followed']} of {result['mailed']} followed the link of {printable(result['template'])}.")
    for person in result["people"]:
        click.echo(printable(f"{'followed' if person['followed'] else '-':<8} {person['user_id']}  {person['name']}"))
