"""`tallystick roles` and `tallystick explain`: what roles give, and why somebody may or may not (docs/roles.md)."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from cli.audit.role_sentences import given
from cli.audit.sentences import printable
from cli.files import FILE, FileUnreadable
from cli.roles.role_file import RoleFileInvalid, load_role_file
from cli.session import logged_in
from cli.users.finding import find_role, find_user, role_named
from shared.contracts.conditions import STATES
from shared.contracts.grants import to_claims
from shared.contracts.permissions import Permission
from shared.kernel.ids import new_id


class _PermissionName(click.ParamType[str]):
    """A named permission: whether a role gives what nobody asks for is no question."""

    name = "PERMISSION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        if value not in set(Permission):
            near = get_close_matches(str(value).lower(), list(Permission))
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(Permission)}."
            self.fail(f"{str(value)!r} is no permission; {hint}", param, ctx)
        return str(value)


_yes = click.option("--yes", is_flag=True, help="Do not ask; for programs that have shown what changes.")
_json = click.option("--json", "as_json", is_flag=True, help="For machines.")


@click.group()
def roles() -> None:
    """See what roles give, and make the business's own."""


@roles.command("list")
@_json
def list_command(*, as_json: bool) -> None:
    """Print all roles, a line each."""
    with logged_in() as session:
        found = session.query("auth", "list_roles", {})["roles"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for role in found:
        kind = "built in" if role["built_in"] else role["role_id"]
        click.echo(printable(f"{role['name']} ({kind}): {given(role['grants'])}"))


@roles.command("show")
@click.argument("role")
def show_command(*, role: str) -> None:
    """Print what ROLE (name or id) gives, a grant a line."""
    with logged_in() as session:
        found = find_role(session, role)
    for grant in found["grants"]:
        click.echo(printable(given([grant])))


_DEFINING = """\b
The file, for example:
  name: Junior sales
  grants:
    - customer:write
    - invoice:issue: {own_customers: true, amount_up_to: {amount: 1000.00, currency: EUR}}

\b
Examples:
  tallystick roles define junior-sales.yaml
"""


@roles.command("define", epilog=_DEFINING)
@click.argument("file", type=FILE)
@_yes
def define_command(*, file: Path, yes: bool) -> None:
    """Make the role in FILE, or change the one of that name. It counts at once for everybody who has it."""
    try:
        wanted = load_role_file(file)
    except RoleFileInvalid as invalid:
        raise FileUnreadable(str(invalid)) from None
    request: dict[str, object] = {"name": wanted.name, "grants": to_claims(wanted.grants)}
    with logged_in() as session:
        present = role_named(session, wanted.name)
        if present is not None:
            request["role_id"] = present["role_id"]
            click.echo(printable(f"{wanted.name} gives now: {given(present['grants'])}"), err=True)
        click.echo(printable(f"{wanted.name} will give: {given(to_claims(wanted.grants))}"), err=True)
        if not yes:
            click.confirm("Is that what it shall give?", abort=True, err=True)
        reply = session.command("auth", "define_role", request, new_id())
    click.echo(f"defined {reply['role_id']}")


@roles.command("retire")
@click.argument("role")
@_yes
def retire_command(*, role: str, yes: bool) -> None:
    """Take ROLE (name or id) out of use: whoever has it may do nothing until given another."""
    with logged_in() as session:
        found = find_role(session, role)
        if not yes:
            click.confirm(printable(f"Retire the role {found['name']}?"), abort=True, err=True)
        session.command("auth", "retire_role", {"role_id": found["role_id"]}, new_id())
    click.echo(f"retired {found['role_id']}")


@click.command(
    "explain",
    short_help="Say whether somebody may do something, and why.",
    epilog="\b\nExamples:\n  tallystick explain invoice:issue --amount 1200 --currency EUR --own-customer\n"
    "  tallystick explain invoice:read --user zoe@example.org\n",
)
@click.argument("permission", type=_PermissionName())
@click.option("--user", help="Id or address; you, when left out.")
@click.option("--own-customer/--other-customer", "own_customer", default=None, help="Whose customer it would be about.")
@click.option("--amount", help="The payable amount.")
@click.option("--currency", help="ISO 4217, e.g. EUR.")
@click.option("--state", type=click.Choice(STATES), help="The state of the invoice.")
@click.option("--at", help="When, e.g. 2026-11-22T18:30:00+01:00; now, when left out.")
@_json
def explain(*, permission: str, user: str | None, as_json: bool, **supposed: object) -> None:
    """Say whether somebody may do what PERMISSION names, and why.

    What is not said about the call is not known, and a condition about it then does not hold.
    """
    facts = {name: value for name, value in supposed.items() if value is not None}
    request: dict[str, object] = {"permission": permission, "facts": facts}
    with logged_in() as session:
        if user is None:
            reply = session.query("auth", "explain_own_access", request)
        else:
            whose = find_user(session, user)["user_id"]
            reply = session.query("auth", "explain_access", {**request, "user_id": whose})
    click.echo(json.dumps(reply, ensure_ascii=False, indent=2) if as_json else _explained(permission, reply))


def _explained(permission: str, reply: Mapping[str, Any]) -> str:
    verdict = "allowed" if reply["allowed"] else "refused"
    lines = [f"{permission} is {verdict} to the role {reply['role']}"]
    lines += [f"  {reason['text']} ({reason['code']})" for reason in reply["reasons"]]
    lines += [f"  the role gives {given([grant])}" for grant in reply["grants"]]
    return "\n".join(printable(line) for line in lines)
