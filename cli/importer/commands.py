"""`tallystick import`."""

from collections.abc import Mapping
from pathlib import Path

import click

from cli.files import FILE, FileUnreadable, OutputFile
from cli.importer.importer import DEFAULT_NAME, Importer
from cli.importer.mapped import MappedDocuments
from cli.importer.mapping import MappingInvalid, load_mapping
from cli.importer.opened import holds_json
from cli.importer.prepared import Source
from cli.importer.refused import RefusedRows, refused_rows
from cli.importer.rows import rows_of
from cli.importer.whole import WholeDocuments
from cli.session import logged_in

_MAPPING_HELP = (
    "YAML file that says what the columns mean (docs/importing.md), e.g. deploy/demo/mappings/sample.yaml."
    " Without one, DATA is JSON and holds whole documents."
)


@click.command(
    "import",
    short_help="Issue what a CSV or JSON file holds as invoices and credit notes.",
    epilog="\b\nExamples:\n"
    "  tallystick import invoices.csv --mapping columns.yaml --dry-run\n"
    "  tallystick import invoices.csv --mapping columns.yaml --limit 3\n"
    "  tallystick import invoices.csv --mapping columns.yaml\n"
    "  tallystick import documents.jsonl\n",
)
@click.argument("data", type=FILE)
@click.option("--mapping", "mapping_file", type=FILE, help=_MAPPING_HELP)
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
@click.option(
    "--partial",
    is_flag=True,
    help="Issue documents WITHOUT their refused rows. They stay as they are: the corrected file cannot complete them.",
)
@click.option(
    "--no-mail",
    is_flag=True,
    help="Mail what this run issues to nobody, ever: for old books, and for what customers have from another business.",
)
@click.option(
    "--customers-as-first",
    is_flag=True,
    help="What a customer's first document says of them (address, country) holds for all; otherwise documents that say"
    " something else are refused.",
)
@click.pass_context
def import_file(
    context: click.Context,
    *,
    data: Path,
    mapping_file: Path | None,
    limit: int | None,
    refused_file: Path,
    name: str,
    dry_run: bool,
    partial: bool,
    no_mail: bool,
    customers_as_first: bool,
) -> None:
    """Issue what a file holds as invoices and credit notes: CSV or JSON, plain or xz.

    EACH DOCUMENT IS MAILED TO ITS CUSTOMER, as whatever is issued is: also documents of old books, and those that
    another business exported, under new numbers. With --no-mail nobody gets a mail, now or later; --dry-run says how
    many mails there would be.

    A document of which a row is refused is refused as a whole: correct the file and run the same again. May be
    interrupted, and run again, by a colleague too: documents that were issued before are not issued twice.
    Exit status 1 when there were documents and none was taken.
    """
    documents = _source(data, mapping_file, limit, partial=partial)
    with logged_in() as session, refused_rows(refused_file) as refused:

        def invoices(method: str, request: Mapping[str, object], idempotency_key: str) -> Mapping[str, object]:
            return session.command("invoices", method, request, idempotency_key)

        importer = Importer(invoices, refused, name, dry_run, customers_as_first, mail=not no_mail)
        with click.progressbar(
            length=len(documents), label="Checking" if dry_run else "Importing", show_pos=True
        ) as bar:
            importer.run(documents, bar.update)
    click.echo(_summary(importer, refused, refused_file))
    context.exit(1 if len(documents) and not importer.taken else 0)


def _source(data: Path, mapping_file: Path | None, limit: int | None, *, partial: bool) -> Source:
    if mapping_file is None:
        if partial:
            raise click.UsageError("--partial is about the rows of a file with --mapping: a whole document has none.")
        if not holds_json(data):
            raise click.UsageError(f"{data} is not JSON: --mapping says what the columns of a CSV file mean.")
        return WholeDocuments(data, limit)
    try:
        mapping = load_mapping(mapping_file)
    except MappingInvalid as error:
        raise FileUnreadable(str(error)) from None
    return MappedDocuments(rows_of(data, mapping.columns_used), mapping, limit, partial=partial)


def _summary(importer: Importer, refused: RefusedRows, refused_file: Path) -> str:
    where = f", see {refused_file}" if len(refused) else ""
    if importer.dry_run:
        taken = f"Nothing was issued. Documents that can be: {importer.taken}"
        left = f"Rows that would be refused: {len(refused)}{where}"
        left += "".join(f"\n  {code}: {rows}" for code, rows in refused.by_code.most_common())
    else:
        # The service does not tell them apart: a document that is there answers as it did the first time.
        taken = f"Documents issued, now or by an earlier run: {importer.taken}"
        left = f"Rows refused: {len(refused)}{where}"
    partly = f", {importer.partly} of them without rows that were refused" if importer.partly else ""
    changed = len(importer.changed) if importer.customers_as_first else 0
    kept = f" Customers taken as their first document says, not as later ones do: {changed}." if changed else ""
    return f"{taken}{partly}.{kept} {left}{_mails(importer)}"


def _mails(importer: Importer) -> str:
    if not importer.mailed:
        return "" if importer.mail else "\nMailed to nobody."
    if not importer.mail:
        return f"\nMailed to their customers by an earlier run, without --no-mail: {importer.mailed}"
    when = "An import MAILS its documents to their customers" if importer.dry_run else "Mailed to their customers, once"
    return f"\n{when}: {importer.mailed}"
