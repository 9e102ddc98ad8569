"""`tallystick operations found|snapshot|snapshots`: businesses are taken in, and all of them backed up."""

import json

import click

from cli.audit.sentences import printable
from cli.session import as_operator
from shared.kernel.ids import new_id


@click.command(
    "found",
    epilog="\b\nExamples:\n  tallystick operations found 'Ada & Co' --owner 'Ada Byron' --email ada@example.org\n",
)
@click.argument("name")
@click.option("--owner", required=True, help="What the owner is called.")
@click.option("--email", required=True, help="The owner's address.")
def found_command(*, name: str, owner: str, email: str) -> None:
    """Take in the business NAME; print its id, and the invitation of its owner, to be handed over in person.

    The owner opens the account with: tallystick enrol
    """
    with as_operator() as session:
        request = {"name": name, "owner_name": owner, "owner_email": email}
        reply = session.command("auth", "create_tenant", request, new_id())
    click.echo(printable(f"{name} has the id {reply['tenant']}."), err=True)
    click.echo(printable(f"The invitation of {owner}, good for seven days, once:"), err=True)
    click.echo(reply["invitation"])


@click.command("snapshot")
def snapshot_command() -> None:
    """Back up all businesses now; print the id of the backup."""
    with as_operator() as session:
        taken = session.command("backup", "take_snapshot", {}, new_id())
    click.echo(f"{taken['objects']} objects, {taken['bytes']:,} bytes:", err=True)
    click.echo(taken["backup_id"])


@click.command("snapshots")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def snapshots_command(*, as_json: bool) -> None:
    """List the backups, newest first, and the key that checks their manifests."""
    with as_operator() as session:
        kept = session.query("backup", "list_snapshots", {})
    if as_json:
        click.echo(json.dumps(kept))
        return
    for each in kept["snapshots"]:
        click.echo(printable(f"{each['backup_id']}  {each['created_at']}  {each['objects']:>6}  {each['bytes']:>14,}"))
    if not kept["snapshots"]:
        click.echo("No backup has been taken: tallystick operations snapshot")
    click.echo(printable(f"Manifests are signed with {kept['verifier_key']}"), err=True)
