"""`tallystick export`."""

import base64
import csv
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TextIO

import click

from cli.audit.progress import progress
from cli.exporter.documents import Document, Export
from cli.exporter.tables import TABLES
from cli.exporter.whole_files import DocumentFolder, whole_text
from cli.files import OutputFile
from cli.session import Session, logged_in
from shared.contracts.errors import ErrorCode, PublicError

_DAY = click.DateTime(["%Y-%m-%d"])
_ENDINGS = {"pdf": "pdf", "ubl": "xml", "cii": "cii.xml"}
_LEFT_OUT = {ErrorCode.DOCUMENT_PENDING, ErrorCode.KEY_SHREDDED}
Write = Callable[[Document], object]


@click.command(
    "export",
    short_help="Write what was issued as CSV, JSON, PDF or XML.",
    epilog="\b\nExamples:\n"
    "  tallystick export november.csv --as csv --from 2026-11-01 --to 2026-11-30\n"
    "  tallystick export everything.jsonl --as json\n"
    "  tallystick export PDFS --as pdf --customer 019aa0e5-2222-7000-8000-000000000002\n",
)
@click.argument("output", type=click.Path(path_type=Path))
@click.option(
    "--as", "form", type=click.Choice([*TABLES, "json", *_ENDINGS]), required=True,
    help="csv: a row for each document; lines: for each of their lines; json: documents in full, as `import` takes"
    " them; pdf, ubl, cii: a folder with a file for each document.",
)  # fmt: skip
@click.option("--from", "since", type=_DAY, help="First issue date.")
@click.option("--to", "until", type=_DAY, help="Last issue date.")
@click.option("--customer", "customer_id", help="Only documents of the customer with this id.")
@click.option("--proofs", is_flag=True, help="With pdf, ubl and cii: beside each file the proof that the log holds it.")
def export_command(
    output: Path, form: str, since: datetime | None, until: datetime | None, customer_id: str | None, *, proofs: bool
) -> None:
    """Write every document that was issued to OUTPUT, a new file or folder, for nobody but you to read.

    Asks for a fresh code. A file appears when it is whole; a folder may be gone on with after an interruption: run the
    same again. Exit status 1 when a document could not be written yet because it is not drawn.
    """
    if proofs and form not in _ENDINGS:
        raise click.UsageError("--proofs is for pdf, ubl and cii.")
    wanted = _wanted(since, until, customer_id)
    if form not in _ENDINGS:
        output = OutputFile(new=True).convert(output, _output(), click.get_current_context())
    with logged_in() as session:
        if form in _ENDINGS:
            tenant = session.query("auth", "whoami", {})["tenant"]
            folder = DocumentFolder(output, {"tenant": tenant, "as": form, "proofs": proofs, **wanted})
            written, left = _export_files(session, wanted, folder, form, proofs=proofs)
        else:
            written, left = _export_text(session, wanted, output, form), 0
    missing = f" Not drawn yet, or of customers who are being forgotten: {left}; run the same again." if left else ""
    click.echo(f"Documents in {output}: {written}.{missing}")
    click.get_current_context().exit(1 if left else 0)


def _output() -> click.Parameter:
    """Return the argument, for refusals to name it."""
    return next(each for each in export_command.params if each.name == "output")


def _wanted(since: datetime | None, until: datetime | None, customer_id: str | None) -> dict[str, object]:
    days = {"since": since, "until": until}
    return {
        **{name: day.date().isoformat() for name, day in days.items() if day is not None},
        **({} if customer_id is None else {"customer_id": customer_id}),
    }


def _export_text(session: Session, wanted: Mapping[str, object], output: Path, form: str) -> int:
    export, count = Export(session, wanted), 0
    with whole_text(output) as stream, progress("Exporting", export.documents) as advance:
        write = _table(stream, form) if form in TABLES else _lines(stream)
        for document in export.read(advance):
            write(document)
            count += 1
    return count


def _table(stream: TextIO, form: str) -> Write:
    columns, rows = TABLES[form]
    table = csv.DictWriter(stream, columns, restval="", lineterminator="\r\n")  # RFC 4180
    table.writeheader()
    return lambda document: table.writerows(rows(document))


def _lines(stream: TextIO) -> Write:
    return lambda document: print(json.dumps(document, ensure_ascii=False), file=stream)


def _export_files(
    session: Session, wanted: Mapping[str, object], folder: DocumentFolder, form: str, *, proofs: bool
) -> tuple[int, int]:
    """Return how many documents are there now, and how many cannot be had."""
    export, there, left = Export(session, wanted), 0, 0
    with progress("Exporting", export.documents) as advance:
        for document in export.read(advance):
            invoice_id, number = document["issued"]["invoice_id"], document["issued"]["number"]
            place = folder.place(number, invoice_id, _ENDINGS[form])
            if place.exists() or _fetched(
                session, folder, place, {"invoice_id": invoice_id, "form": form}, proofs=proofs
            ):
                there += 1
            else:
                left += 1
    return there, left


def _fetched(
    session: Session, folder: DocumentFolder, place: Path, wanted: Mapping[str, object], *, proofs: bool
) -> bool:
    try:
        document = session.query("invoices", "get_document", wanted)
    except PublicError as refused:
        if refused.code not in _LEFT_OUT:
            raise
        return False
    if proofs:  # first: what is there is not fetched again
        folder.write(place.with_name(place.name + ".tlog-proof"), document["proof"].encode())
    folder.write(place, base64.b64decode(document["content_base64"]))
    return True
