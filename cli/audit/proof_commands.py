"""The proof that goes with an invoice's document: made by the business or an auditor, checked by whoever got it."""

import base64
import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli.audit import documents, reports
from cli.audit.bundle import Bundle
from cli.audit.history import NoSuchInvoice, find_invoice, read_history
from cli.audit.live_history import listed_invoice
from cli.audit.opening import (
    OpenLog,
    bundle_argument,
    identity_option,
    log_key_option,
    open_log,
    read_document,
    read_note,
    require_keys,
    required_log_key_option,
    running_system,
    witness_key_option,
)
from cli.audit.sentences import printable
from cli.files import FILE
from cli.session import Session
from shared.eventstore.trust import Trust
from shared.kernel.ids import is_uuid
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.note import NoteVerifier

NOT_WITNESSED = 4
"""Exit status of `check` when the log's signature proves the document, but the witness who was asked for is missing."""

_ISSUING = ("InvoiceIssued", "CreditNoteIssued")
_BINDING = "DocumentArchived"


class _FileBase(click.ParamType[Path]):
    """The name of files without their ending."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401 - click's signature
        path = Path(value)
        if path.name in {"", ".."} or path.is_dir():
            self.fail(f"{str(value)!r} names a folder: name a file, without its ending", param, ctx)
        return path


@click.command(
    "proof",
    epilog="\b\nExamples:\n"
    "  tallystick audit proof INV-000012 --pdf\n"
    "  tallystick audit proof INV-000012 COPY --identity me.age --log-key KEY\n",
)
@click.argument("invoice")
@bundle_argument
@identity_option
@log_key_option
@click.option("--output", type=_FileBase(), help="Name of the files, without ending.  [default: number]")
@click.option("--pdf", "with_pdf", is_flag=True, help="Write the document too; asks the running system for it.")
def proof_command(
    *,
    invoice: str,
    bundle: Path | None,
    identity_file: Path | None,
    log_key: NoteVerifier | None,
    output: Path | None,
    with_pdf: bool,
) -> None:
    """Write the proof of an issued invoice, to be sent to whoever got its PDF. A bundle's needs --log-key."""
    if bundle is None:
        with running_system() as session:
            name, proof, pdf = _proof_from_service(session, invoice)
        _require_proof(pdf, proof, log_key)
    elif with_pdf:
        raise click.UsageError("A bundle holds no documents: leave out BUNDLE or --pdf.")
    elif log_key is None:
        raise click.UsageError("A proof is worth what the signature in it is: give --log-key, to have it checked.")
    else:
        with open_log(bundle, "invoices", identity_file, with_keys=True) as log:
            name, proof, pdf = _proof_from_bundle(log, Bundle(bundle), invoice, log_key)
    base = _base(name) if output is None else output
    contents = {base.with_name(base.name + ".tlog-proof"): proof.encode()}
    if with_pdf:
        contents[base.with_name(base.name + ".pdf")] = pdf
    _write_new(contents)


@click.command(
    "check",
    epilog="\b\nExamples:\n  tallystick audit check INV-000012.pdf INV-000012.tlog-proof --log-key KEY\n",
)
@click.argument("document", type=FILE, metavar="FILE.pdf")
@click.argument("proof", type=FILE, metavar="FILE.tlog-proof")
@required_log_key_option
@witness_key_option
@click.pass_context
def check_command(
    context: click.Context,
    *,
    document: Path,
    proof: Path,
    log_key: NoteVerifier,
    witness_key: CosignatureVerifier | None,
) -> None:
    """Check a document that you were sent against its proof. Needs no login and no network.

    Exit status 0: proved. 1: not proved. 4: proved by the log's signature, but the witness did not cosign this proof.
    """
    try:
        proved = documents.check(read_document(document), read_note(proof), log_key, witness_key)
    except documents.DocumentDiffers as error:
        click.echo(printable(f"NOT PROVED: {error}."))
        context.exit(1)
    unwitnessed = witness_key is not None and proved.cosigned_at is None
    verdict = "PROVED, NOT WITNESSED" if unwitnessed else "PROVED"
    click.echo(
        printable(
            f"{verdict}: {document.name} is, byte for byte, the document archived on {proved.at[:10]} at"
            f" {proved.at[11:19]} UTC."
        )
    )
    click.echo(
        printable(
            f"It stands at position {proved.position} (the first is 0) of the {proved.size} events that {proved.origin}"
            " has signed for."
        )
    )
    click.echo(printable(_witnessed(witness_key, proved)))
    context.exit(NOT_WITNESSED if unwitnessed else 0)


def _witnessed(witness: CosignatureVerifier | None, proved: documents.Proved) -> str:
    """Say what is known of whether the log shows everybody the same history."""
    if witness is None:
        return "No --witness-key was given: that the log shows everybody the same history was not checked."
    if proved.cosigned_at is None:
        return (
            f"No cosignature of the witness {witness.name} is in this proof: the log alone vouches for it. Proofs that"
            " come with invoices have none; an auditor can make a cosigned one from a bundle."
        )
    return f"The witness {witness.name} cosigned that history at {reports.utc(proved.cosigned_at)}."


def _base(name: str) -> Path:
    """Return the files' name for a document's number, which is what somebody else wrote: never a path."""
    if Path(name).name != name or name == ".." or printable(name) != name:
        raise click.ClickException(printable(f"{name!r} is no name for a file: choose one with --output"))
    return Path(name)


def _proof_from_bundle(log: OpenLog, bundle: Bundle, invoice: str, log_key: NoteVerifier) -> tuple[str, str, bytes]:
    """Return the number, the proof's text and no document."""
    require_keys(log)
    history, verified = read_history(log, Trust(log_key), find_invoice(log, invoice))
    if not history.events:
        raise NoSuchInvoice(log.copy, invoice)
    if not verified.ok:
        raise click.ClickException(f"a proof is made from a sound bundle only\n{reports.as_text(verified)}")
    issued = [event for event in history.events if event.type in _ISSUING]
    if not issued:
        raise click.ClickException(f"{invoice} is not issued in this bundle, so there is nothing to prove")
    bound = [event for event in history.events if event.type == _BINDING]
    if not bound:
        raise click.ClickException(f"the document of {invoice} was not archived yet when this bundle was made")
    number = str(issued[0].payload.get("number", invoice))
    return number, documents.prove(bundle, bound[0].position).to_text(), b""


def _proof_from_service(session: Session, invoice: str) -> tuple[str, str, bytes]:
    """Return the number, the proof's text and the document."""
    invoice_id = invoice if is_uuid(invoice) else _find(session, invoice)
    document = session.query("invoices", "get_document", {"invoice_id": invoice_id})
    content = base64.b64decode(document["content_base64"])
    return Path(document["file_name"]).stem, str(document["proof"]), content


def _require_proof(content: bytes, proof: str, log_key: NoteVerifier | None) -> None:
    """Check what the running system answered, or say that this was not asked for."""
    if log_key is None:
        click.echo("No --log-key was given: who signed this proof was not checked.", err=True)
        return
    try:
        documents.check(content, proof, log_key, None)
    except documents.DocumentDiffers as error:
        raise click.ClickException(printable(f"what the running system answers proves nothing: {error}")) from None


def _find(session: Session, number: str) -> str:
    invoice_id = listed_invoice(session, number)
    if invoice_id is None:
        raise click.BadParameter(
            f"the running system lists no invoice {number}; it lists none whose customer was forgotten",
            param_hint="INVOICE",
        )
    return invoice_id


def _write_new(contents: Mapping[Path, bytes]) -> None:
    """Write files that are not there yet: all of them, or none."""
    for path in contents:
        if os.path.lexists(path):
            raise click.ClickException(f"{path}: {os.strerror(errno.EEXIST)}; nothing was written")
    written: list[Path] = []
    try:
        for path, content in contents.items():
            with path.open("xb") as file:  # never over a file that somebody else made since
                written.append(path)
                file.write(content)
    except OSError as error:
        for whole_or_half in written:
            whole_or_half.unlink(missing_ok=True)
        raise click.ClickException(f"{path}: {error.strerror}; nothing was written") from None
    for path in written:
        click.echo(f"wrote {path}")
