"""`tallystick import`."""

from collections.abc import Mapping
from pathlib import Path

import click

from cli.files import FILE, OutputFile
from cli.importer.documents import Documents
from cli.importer.importer import DEFAULT_NAME, Importer
from cli.importer.mapping import MappingInvalid, load_mapping
from cli.importer.refused import RefusedRows, refused_rows
from cli.importer.rows import read_rows, require_columns
from cli.session import logged_in

_MAPPING_HELP = "YAML file that says what the columns mean, e.g. like deploy/demo/mappings/sample.yaml."


@click.command(
    "import",
    short_help="Issue what a CSV file holds as invoices and credit notes.",
    epilog="\b\nExamples:\n"
    "  tallystick import invoices.csv --mapping columns.yaml --dry-run\n"
    "  tallystick import invoices.csv --mapping columns.yaml --limit 3\n"
    "  tallystick import invoices.csv --mapping columns.yaml\n",
)
@click.argument("data", type=FILE)
@click.option("--mapping", "mapping_file", type=FILE, required=True, help=_MAPPING_HELP)
@click.option("--limit", type=click.IntRange(min=1), help="Take only the first so many documents.")
@click.option(
    "--refused", "refused_file", type=OutputFile(), default=Path("refused.csv"), show_default=True,
    help="Where to write the rows that were not taken, each with its reason.",
)  # fmt: skip
@click.option(
    "--name",
    default=DEFAULT_NAME,
    show_default=True,
    help="A document's number is taken once under each name: another name ISSUES ALL OF THEM AGAIN.",
)
@click.option("--dry-run", is_flag=True, help="Have everything checked, issue nothing, and say what would be refused.")
@click.pass_context
def import_file(
    context: click.Context,
    *,
    data: Path,
    mapping_file: Path,
    limit: int | None,
    refused_file: Path,
    name: str,
    dry_run: bool,
) -> None:
    """Issue what a CSV file (plain or xz) holds as invoices and credit notes.

    May be interrupted, and run again over a corrected file, by a colleague too: documents that were issued before are
    not issued twice. Exit status 1 when there were documents and none was taken.
    """
    try:
        mapping = load_mapping(mapping_file)
        require_columns(data, mapping.columns_used)
        documents = Documents(lambda: read_rows(data), mapping, limit)
    except MappingInvalid as error:
        raise click.ClickException(str(error)) from None
    with logged_in() as session, refused_rows(refused_file) as refused:

        def invoices(method: str, request: Mapping[str, object], idempotency_key: str) -> Mapping[str, object]:
            return session.command("invoices", method, request, idempotency_key)

        importer = Importer(invoices, mapping, refused, name, dry_run)
        with click.progressbar(
            length=len(documents), label="Checking" if dry_run else "Importing", show_pos=True
        ) as bar:
            importer.run(documents, bar.update)
    click.echo(_summary(importer, refused, refused_file))
    context.exit(1 if len(documents) and not importer.taken else 0)


def _summary(importer: Importer, refused: RefusedRows, refused_file: Path) -> str:
    if not importer.dry_run:
        return f"Documents issued: {importer.taken}. Rows refused: {len(refused)}, see {refused_file}"
    kinds = "".join(f"\n  {code}: {rows}" for code, rows in refused.by_code.most_common())
    return (
        f"Nothing was issued. Documents that can be: {importer.taken}. "
        f"Rows that would be refused: {len(refused)}, see {refused_file}{kinds}"
    )
