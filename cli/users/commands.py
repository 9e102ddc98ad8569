"""`tallystick users`: who there is, and who has which role (docs/roles.md)."""

import json

import click

from cli.audit.sentences import printable
from cli.session import logged_in
from cli.users import accounts
from cli.users.finding import find_role, find_user
from shared.kernel.ids import new_id


@click.group(short_help="See who there is, invite people, look after accounts.")
def users() -> None:
    """See who there is, invite people, give them roles, and look after their accounts."""


for _each in accounts.COMMANDS:
    users.add_command(_each)


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def list_command(*, as_json: bool) -> None:
    """Print everybody, a line each: id, state, role, name and address."""
    with logged_in() as session:
        found = session.query("auth", "list_users", {})["users"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for user in found:
        who = f"{user['user_id']}  {user['state']:9}  {user['role_name']:12}  {user['name']} <{user['email']}>"
        click.echo(printable(who))


@users.command("invite", epilog="\b\nExamples:\n  tallystick users invite zoe@example.org --name Zoë --role sales\n")
@click.argument("email")
@click.option("--name", required=True, help="What the person is called.")
@click.option("--role", required=True, help="A built-in role, or the name of one of the business's own.")
def invite_command(*, email: str, name: str, role: str) -> None:
    """Invite somebody, and print the invitation: hand it over on a way that nobody else reads."""
    with logged_in() as session:
        role_id = find_role(session, role)["role_id"]
        request = {"email": email, "name": name, "role": role_id}
        reply = session.command("auth", "invite_user", request, new_id())
    click.echo(printable(f"Invited {name} as user {reply['user_id']}; good for seven days, once:"), err=True)
    click.echo(reply["invitation"])


@users.command("role", epilog="\b\nExamples:\n  tallystick users role zoe@example.org 'Junior sales'\n")
@click.argument("user")
@click.argument("role")
def role_command(*, user: str, role: str) -> None:
    """Give USER (id or address) the role ROLE instead of the one they have. It counts at once."""
    with logged_in() as session:
        somebody, wanted = find_user(session, user), find_role(session, role)
        request = {"user_id": somebody["user_id"], "role": wanted["role_id"]}
        session.command("auth", "assign_role", request, new_id())
    click.echo(
        printable(f"{somebody['name']} has the role {wanted['name']} now; before it was {somebody['role_name']}")
    )
