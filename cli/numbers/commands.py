"""`tallystick numbers`: the series that documents are numbered in, and what became of every number."""

import csv
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from cli.audit.sentences import printable
from cli.cells import as_text
from cli.numbers.faults import said_of
from cli.session import Session, logged_in
from shared.kernel.ids import new_id

_PAGE = 500
_COLUMNS = (
    *("number", "document_type", "issue_date", "taken_at", "state"),
    *("customer_name", "payable", "currency", "corrected_by"),
)
_KINDS = ("invoice", "prepayment_invoice", "credit_note")


@click.group()
def numbers() -> None:
    """Say how documents are numbered, and list every number and what became of it."""


@numbers.command("series")
def series_command() -> None:
    """Print every series as it numbers now, and how many numbers each has given."""
    with logged_in() as session:
        found = session.query("invoices", "list_series", {})
    for series in found["series"]:
        serves = ", ".join(series.get("serves", ())) or "what names it"
        again = f", anew each fiscal year from month {series.get('year_starts_in', 1)}" if series.get("resets") else ""
        click.echo(printable(f"{series['name']}  {series['pattern']}  for {serves}{again}"))
    for register in found["registers"]:
        year = f" {register['year']}" if "year" in register else ""
        click.echo(printable(f"{register['taken']:>8} numbers given in {register['series']}{year}"))


@numbers.command(
    "configure",
    epilog="\b\nExamples:\n"
    "  tallystick numbers configure RE '{series}-{year}-{number:05}' --yearly --for invoice\n"
    "  tallystick numbers configure RE '{series}-{year}-{number:05}' --yearly --first 4711 --first-year 2026\n",
)
@click.argument("name")
@click.argument("pattern")
@click.option("--for", "serves", multiple=True, type=click.Choice(_KINDS), help="Documents that come from it now on.")
@click.option("--yearly", "resets", is_flag=True, help="Begin with 1 in each fiscal year.")
@click.option("--year-starts-in", type=click.IntRange(1, 12), default=1, help="Month that a fiscal year starts in.")
@click.option("--first", type=click.IntRange(1), help="First number, where another system stopped counting.")
@click.option("--first-year", type=int, help="The fiscal year whose first number that is, with --yearly.")
def configure_command(*, serves: tuple[str, ...], **options: object) -> None:
    """Say that series NAME writes its numbers as PATTERN from the next one on (docs/numbering.md)."""
    named = {name: value for name, value in options.items() if value is not None}
    series = {**named, **({"serves": list(serves)} if serves else {})}
    with logged_in() as session:
        session.command("invoices", "configure_series", series, idempotency_key=new_id())
    click.echo("The series is configured.")


@numbers.command(
    "register",
    epilog="\b\nExamples:\n  tallystick numbers register INV\n  tallystick numbers register RE --year 2026 --csv\n",
)
@click.argument("series")
@click.option("--year", type=int, help="Fiscal year, of a series that begins with 1 in each.")
@click.option("--csv", "as_csv", is_flag=True, help="For spreadsheets.")
@click.pass_context
def register_command(context: click.Context, *, series: str, year: int | None, as_csv: bool) -> None:
    """Print every number of SERIES in order and what became of it.

    Exit status 1: a number is missing, doubled or out of its place.
    """
    faults: list[Mapping[str, Any]] = []
    table = csv.writer(sys.stdout, lineterminator="\n")
    if as_csv:
        table.writerow(_COLUMNS)
    with logged_in() as session:
        for page in _pages(session, {"series": series} | ({} if year is None else {"year": year})):
            faults += page["faults"]
            for number in page["numbers"]:
                if as_csv:
                    table.writerow([_cell(number, column) for column in _COLUMNS])
                else:
                    click.echo(printable(_row(number)))
    for sentence in said_of(faults):
        click.echo(sentence, err=True)
    context.exit(1 if faults else 0)


def _pages(session: Session, asked: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        page = session.query("invoices", "number_register", {**asked, "page_after": after, "limit": _PAGE})
        yield page
        if "next_page" not in page:
            return
        after = page["next_page"]


def _row(number: Mapping[str, Any]) -> str:
    kind = number["document_type"].replace("_", " ")
    whose = f"{number.get('payable', '')} {number.get('currency', '')} {number.get('customer_name', '')}".strip()
    corrected = f", corrected by {' '.join(number['corrected_by'])}" if number.get("corrected_by") else ""
    return f"{number['number']:<20} {number['issue_date']}  {kind:<18} {number['state']:<10} {whose}{corrected}"


def _cell(number: Mapping[str, Any], column: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (CWE-1236)."""
    value = number.get(column, "")
    text = printable(" ".join(value) if isinstance(value, list) else str(value))
    return as_text(text) if column in {"number", "customer_name", "corrected_by"} else text
