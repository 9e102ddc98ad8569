"""`tallystick import`."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from cli.importer.documents import Refused, group
from cli.importer.importer import Importer
from cli.importer.mapping import MappingInvalid, load_mapping
from cli.importer.rows import FileUnreadable, read_rows, require_columns
from cli.session import logged_in

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("data", type=_FILE)
@click.option("--mapping", "mapping_file", type=_FILE, required=True, help="YAML file that says what the columns mean.")
@click.option("--limit", type=click.IntRange(min=1), help="Take only the first so many documents.")
@click.option(
    "--refused", "refused_file", type=click.Path(path_type=Path), default=Path("refused.csv"), show_default=True,
    help="Where to write the rows that were not taken, each with its reason.",
)  # fmt: skip
def import_file(data: Path, mapping_file: Path, limit: int | None, refused_file: Path) -> None:
    """Issue what a CSV file (plain or xz) holds as invoices and credit notes.

    May be interrupted, and run again over a corrected file: documents that were issued before are not issued twice.
    """
    try:
        mapping = load_mapping(mapping_file)
        require_columns(data, mapping.columns_used)
        documents = group(read_rows(data), mapping, limit)
    except (MappingInvalid, FileUnreadable) as error:
        raise click.ClickException(str(error)) from None
    with logged_in() as session:

        def invoices(method: str, request: Mapping[str, object], idempotency_key: str) -> Mapping[str, object]:
            return session.command("invoices", method, request, idempotency_key)

        importer = Importer(invoices, mapping)
        with click.progressbar(length=len(documents), label="Importing", show_pos=True) as bar:
            importer.run(documents, lambda: bar.update(1))
    write_refused(refused_file, importer.refused)
    click.echo(f"{len(importer.refused)} rows were refused, see {refused_file}")


def write_refused(path: Path, refused: Iterable[Refused]) -> None:
    """Write the rows that were not taken: row (1 is the first after the header), invoice, code, reason."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["row", "invoice", "code", "reason"])
        writer.writerows((one.row, one.invoice, one.code, one.reason) for one in refused)
