"""`tallystick seller`: who issues, and the account that customers pay into (docs/approvals.md)."""

from pathlib import Path

import click
import yaml

from cli.audit.sentences import printable
from cli.session import logged_in
from shared.kernel.ids import new_id

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def seller() -> None:
    """Say who issues, and ask for another bank account."""


@seller.command("show")
def show_command() -> None:
    """Print who issues, as the next document will say it."""
    with logged_in() as session:
        shown = session.query("invoices", "get_seller", {})
    address = shown["address"]
    place = f"{address['line']}, {address['post_code']} {address['city']}, {address['country_code']}"
    for line in (
        f"{shown['name']}, VAT id {shown['vat_id']}",
        f"{place}, {shown['email']}",
        f"account {shown['iban']}, valid since {shown['account_since']}",
    ):
        click.echo(printable(line))


@seller.command(
    "configure",
    epilog="\b\nThe file, in YAML: name, vat_id, email, iban, and address with line, city,\n"
    "post_code and country_code.\n",
)
@click.argument("file", type=_FILE)
def configure_command(*, file: Path) -> None:
    """Say who issues, as FILE has it. Another account than the present one needs `change-account`."""
    try:
        particulars = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise click.ClickException(f"{file} is no YAML file that can be read.") from None
    if not isinstance(particulars, dict):
        raise click.ClickException(f"{file} holds no particulars: name, vat_id, address, email, iban.")
    with logged_in() as session:
        session.command("invoices", "configure_seller", particulars, idempotency_key=new_id())
    click.echo("The seller is configured.")


@seller.command("change-account")
@click.argument("iban")
def change_account_command(*, iban: str) -> None:
    """Ask that customers pay into IBAN; another owner has to agree: tallystick approvals list."""
    asked = "".join(iban.split()).upper()
    with logged_in() as session:
        session.command("invoices", "request_bank_account_change", {"iban": asked}, idempotency_key=new_id())
        waiting = session.query("invoices", "get_bank_account_change", {})["waiting"]
    click.echo(f"awaiting_approval {waiting['request_id']}")
