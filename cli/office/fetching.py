"""Drawn documents into files, each with its proof beside it."""

import base64
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from cli.audit.progress import progress
from cli.audit.sentences import printable
from cli.exporter.whole_files import DocumentFolder
from cli.office.invoices import find_invoice
from cli.office.verbs import examples
from cli.session import Session, logged_in

FORMS = ("pdf", "ubl", "cii")
_TO = click.Option(
    ["--to", "folder"], type=click.Path(file_okay=False, path_type=Path), default=Path(), show_default="this folder",
    help="Where to put the files; made where it is not there.",
)  # fmt: skip
_ABOUT = "For nobody but you to read. What is there already is not replaced."
_FORCE = click.Option(["--force"], is_flag=True, help="Replace files that are there.")


def add_fetch(
    group: click.Group, method: str, what: str, which: click.Argument, *options: click.Option, example: str
) -> None:
    """Add the command that fetches what a method draws; `which` names one, or several."""

    def run(*, folder: Path, force: bool, **typed: Any) -> None:  # noqa: ANN401 - as click has it
        named = typed.pop(str(which.name))
        forms = typed.pop("form", ()) or (None,)
        more = {name: value for name, value in typed.items() if value is not None}
        wanted = [
            {str(which.name): each, **more, **({} if form is None else {"form": form})}
            for each in (named if isinstance(named, tuple) else (named,))
            for form in forms
        ]
        with logged_in() as session:
            _fetch(session, method, wanted, folder, force=force)

    about = f"Write {what}, and beside it the proof that the log holds it.\n\n{_ABOUT}"
    params = [which, *options, _TO, _FORCE]
    group.add_command(click.Command("fetch", callback=run, params=params, help=about, epilog=examples(group, example)))


def _fetch(session: Session, method: str, wanted: Sequence[Mapping[str, Any]], folder: Path, *, force: bool) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with progress("Fetching", len(wanted), beside_output=True) as advance:
        for done, each in enumerate(wanted, start=1):
            asked = dict(each)
            if "invoice_id" in asked:
                asked["invoice_id"] = find_invoice(session, asked["invoice_id"])
            reply = session.query("invoices", method, asked)
            for place in _written(reply, folder, force=force):
                click.echo(printable(str(place)))
            advance(done)


def _written(reply: Mapping[str, Any], folder: Path, *, force: bool) -> Sequence[Path]:
    """Write a document and its proof, for nobody but this user to read; neither where one of them is there."""
    document = folder / _name(reply["file_name"])
    proof = document.with_name(f"{document.name}.tlog-proof")
    if there := [place for place in (document, proof) if not force and os.path.lexists(place)]:
        raise click.ClickException(
            printable(f"{there[0]} is there already: name another folder with --to, or --force.")
        )
    DocumentFolder.write(document, base64.b64decode(reply["content_base64"]))
    DocumentFolder.write(proof, reply["proof"].encode())
    return document, proof


def _name(said: str) -> str:
    """Return a name that means nothing to a folder, whatever a number holds."""
    return re.sub(r"\A\.", "%2E", quote(said, safe=" "))
