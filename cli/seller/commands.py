"""`tallystick seller`: who issues, and the account that customers pay into (docs/approvals.md)."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from cli.audit.sentences import printable
from cli.files import FILE, FileUnreadable, read_small, read_yaml
from cli.session import logged_in
from shared.contracts.attachments import MAX_LOGO
from shared.kernel.ids import new_id

_TEMPLATE = """\
# Who issues, as it stands on every document. Change it, then: tallystick seller configure FILE
name: Ada & Co
vat_id: DE123456788          # BT-31, with the letters of the country
email: billing@ada.example
iban: DE02120300000000202051 # where customers pay; later changes take two people: tallystick seller change-account
address:
  line: Canal Street 7
  city: Hamburg
  post_code: "20095"
  country_code: DE           # ISO 3166-1
# Whatever follows may be left out.
trading_name: Ada's Bicycles
tax_number: 22/815/0815/4    # BT-32
registration:                # BT-30; the scheme, of ISO/IEC 6523, too may be left out
  identifier: HRB 4711
legal_information: Registered in Hamburg, HRB 4711. Managing director Ada Lund.
electronic_address:          # BT-34: a scheme of the EAS list, here a GLN
  scheme: "0088"
  identifier: "4012345500004"
contact:                     # whom to ask; XRechnung wants all three
  name: Ada Lund
  telephone: +49 40 123456
  email: ada@ada.example
account_name: Ada & Co KG    # BT-85
bic: DEUTDEFF
language: de                 # of documents to customers who have none
colour: "#0b5c8f"            # of headings
small_business: false        # true for who charges no VAT at all
"""
_FLAGS = {"true": True, "false": False}


@click.group()
def seller() -> None:
    """Say who issues, and ask for another bank account."""


@seller.command("show")
def show_command() -> None:
    """Print who issues, as the next document will say it."""
    with logged_in() as session:
        shown = session.query("invoices", "get_seller", {})
    for line in (*_who(shown), f"logo {shown['logo']}" if shown.get("logo") else "no logo"):
        click.echo(printable(line))


@seller.command("template")
def template_command() -> None:
    """Print a sample of the file that `configure` takes."""
    click.echo(_TEMPLATE, nl=False)


@seller.command(
    "configure",
    epilog="\b\nExamples:\n  tallystick seller template > seller.yaml\n  tallystick seller configure seller.yaml\n",
)
@click.argument("file", type=FILE)
def configure_command(*, file: Path) -> None:
    """Say who issues, as FILE has it. Another account than the present one needs `change-account`."""
    # Every scalar as it is written: a post code is no number, least of all one that begins with 0.
    particulars = read_yaml(file, as_written=True)
    if not isinstance(particulars, dict):
        raise FileUnreadable(f"{file} holds no particulars; print a sample with: tallystick seller template")
    flag = particulars.get("small_business")
    if isinstance(flag, str):
        particulars["small_business"] = _FLAGS.get(flag, flag)
    with logged_in() as session:
        session.command("invoices", "configure_seller", particulars, idempotency_key=new_id())
    click.echo("The seller is configured.")


@seller.command("logo", epilog="\b\nExamples:\n  tallystick seller logo logo.png\n  tallystick seller logo --remove\n")
@click.argument("file", type=FILE, required=False)
@click.option("--remove", is_flag=True, help="Show the name alone from now on.")
def logo_command(*, file: Path | None, remove: bool) -> None:
    """Show the picture in FILE, a PNG or JPEG of at most 1 MiB, on documents that are issued from now on."""
    if (file is None) is not remove:
        raise click.UsageError("Name a file, or --remove.")
    method, request = ("remove_logo", {}) if file is None else ("set_logo", _picture(file))
    with logged_in() as session:
        session.command("invoices", method, request, idempotency_key=new_id())
    click.echo("The logo is removed." if remove else "The logo is set.")


@seller.command("change-account")
@click.argument("iban")
def change_account_command(*, iban: str) -> None:
    """Ask that customers pay into IBAN; another owner has to agree: tallystick approvals list."""
    asked = "".join(iban.split()).upper()
    with logged_in() as session:
        session.command("invoices", "request_bank_account_change", {"iban": asked}, idempotency_key=new_id())
        waiting = session.query("invoices", "get_bank_account_change", {})["waiting"]
    click.echo(f"awaiting_approval {waiting['request_id']}")


def _who(shown: Mapping[str, Any]) -> Iterator[str]:
    """Yield the particulars of a seller, each in a line; what is not there has none."""
    address = shown["address"]
    numbers = [f"{words} {shown[name]}" for name, words in _NUMBERS.items() if name in shown]
    yield ", ".join([shown["name"], *numbers])
    yield f"{address['line']}, {address['post_code']} {address['city']}, {address['country_code']}, {shown['email']}"
    bic = f", BIC {shown['bic']}" if "bic" in shown else ""
    yield f"account {shown['iban']}{bic}, valid since {shown['account_since']}"
    if "electronic_address" in shown:
        yield f"electronic address {shown['electronic_address']['scheme']}:{shown['electronic_address']['identifier']}"
    if shown.get("small_business"):
        yield "a small business: no VAT is charged"


_NUMBERS = {"trading_name": "trading as", "vat_id": "VAT id", "tax_number": "tax number"}


def _picture(file: Path) -> dict[str, str]:
    return {"content_base64": base64.b64encode(read_small(file, MAX_LOGO)).decode()}
