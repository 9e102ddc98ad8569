"""`tallystick training`: take it, see where one stands; for owners rules, team and waivers (docs/training.md)."""

from pathlib import Path
from typing import Any

import click
import yaml

from cli.audit.sentences import printable
from cli.files import FILE, FileUnreadable, read_yaml
from cli.session import Session, logged_in
from cli.training.quiz import take
from shared.kernel.ids import new_id

_language = click.option("--language", default="en", show_default=True, help="ISO 639-1; falls back to English.")


@click.group()
def training() -> None:
    """Take training, and look after it."""


@training.command("list")
@_language
def list_command(*, language: str) -> None:
    """Name the modules; those with a star are asked for."""
    with logged_in() as session:
        for module in session.query("auth", "list_training", {"language": language})["modules"]:
            star = "*" if module["asked_for"] else " "
            click.echo(printable(f"{star} {module['module']:<16} {module['title']} ({module['minutes']} minutes)"))


@training.command("state")
def state_command() -> None:
    """Show where you stand."""
    with logged_in() as session:
        _show(session.query("auth", "training_state", {}))


@training.command("take", epilog="\b\nExamples:\n  tallystick training take phishing\n  tallystick training take\n")
@click.argument("module", required=False)
@_language
def take_command(*, module: str | None, language: str) -> None:
    """Read a lesson and answer five questions; without a name, the module that is due first.

    Exit status 1 when it was not enough.
    """
    with logged_in() as session:
        chosen = module or _due_first(session)
        if not take(session, chosen, language):
            raise click.exceptions.Exit(1)


@training.command("team")
def team_command() -> None:
    """Show where everybody in the business stands."""
    with logged_in() as session:
        for member in session.query("auth", "team_training", {})["members"]:
            late = ", ".join(each["module"] for each in member["modules"] if each["state"] != "current")
            waived = f", waived until {member['waived_until'][:10]}" if member["waived_until"] else ""
            click.echo(
                printable(f"{member['state']:<8} {member['user_id']}  {member['name']}  {late}{waived}".rstrip())
            )


@training.command("policy", epilog="\b\nExamples:\n  tallystick training policy > rules.yaml\n")
@click.option("--file", "path", type=FILE, help="Set these rules.")
def policy_command(*, path: Path | None) -> None:
    """Print the rules that hold, as YAML; with --file, set others."""
    rules = None if path is None else _rules(path)
    with logged_in() as session:
        if rules is None:
            click.echo(yaml.safe_dump(session.query("auth", "training_policy", {}), sort_keys=False), nl=False)
            return
        session.command("auth", "set_training_policy", rules, new_id())
    click.echo("These rules hold from now on.")


@training.command("waive", epilog="\b\nExamples:\n  tallystick training waive 0198… --days 3 --reason 'in hospital'\n")
@click.argument("user_id")
@click.option("--days", type=click.IntRange(1, 7), required=True)
@click.option("--reason", required=True, help="Why; it stays in the log, and all owners are told.")
def waive_command(*, user_id: str, days: int, reason: str) -> None:
    """Let somebody keep all permissions for some days although training has lapsed."""
    with logged_in() as session:
        request = {"user_id": user_id, "days": days, "reason": reason}
        session.command("auth", "waive_training", request, new_id())
    click.echo("Waived. It counts from that person's next token on.")


def _show(state: dict[str, Any]) -> None:
    click.echo(f"You are {state['state']}.")
    for each in state["modules"]:
        due, lapses = each["due_at"][:10], each["grace_ends_at"][:10]
        click.echo(printable(f"{each['state']:<8} {each['module']:<16} due {due}, lapses {lapses}"))
    if state["waived_until"]:
        click.echo(f"Waived until {state['waived_until'][:10]}.")


def _due_first(session: Session) -> str:
    modules = session.query("auth", "training_state", {})["modules"]
    if not modules:
        raise click.ClickException("Your business asks for no training; name a module to take it all the same.")
    return str(min(modules, key=lambda each: each["due_at"])["module"])


def _rules(path: Path) -> dict[str, Any]:
    rules = read_yaml(path)
    if not isinstance(rules, dict):
        raise FileUnreadable(f"{path} holds no rules; print the present ones to see their form.")
    return rules
