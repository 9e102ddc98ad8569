"""Questions about one invoice: what it was, what changed, and the proof that goes with its document."""

import base64
import json
from pathlib import Path

import click

from cli.audit import documents, reports
from cli.audit.bundle import Bundle
from cli.audit.history import InvoiceHistory, Unreadable, find_invoice, read_history
from cli.audit.invoice import State, flat
from cli.audit.moments import MOMENT, Moment
from cli.audit.opening import (
    FILE,
    OpenLog,
    bundle_argument,
    identity_option,
    json_option,
    log_key_option,
    open_log,
    read_note,
    require_keys,
    required_log_key_option,
    witness_key_option,
)
from cli.audit.sentences import printable, sentence
from cli.session import Session, logged_in
from shared.eventstore.trust import Trust
from shared.kernel.ids import is_uuid
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.note import NoteVerifier

_ISSUING = ("InvoiceIssued", "CreditNoteIssued")
_invoice_argument = click.argument("invoice")


@click.command(
    "as-of",
    epilog="\b\nExamples:\n"
    "  tallystick audit as-of INV-000012 2026-11-22T09:00:00Z\n"
    "  tallystick audit as-of INV-000012 812 COPY --identity me.age --log-key KEY\n",
)
@_invoice_argument
@click.argument("moment", type=MOMENT)
@bundle_argument
@log_key_option
@identity_option
@json_option
@click.pass_context
def as_of_command(
    context: click.Context,
    *,
    invoice: str,
    moment: Moment,
    bundle: Path | None,
    log_key: NoteVerifier | None,
    identity_file: Path | None,
    as_json: bool,
) -> None:
    """Show an invoice as it was at a moment. INVOICE is an id or a number."""
    with open_log(bundle, "invoices", identity_file, with_keys=True) as log:
        history, verified = read_history(log, Trust(log_key), _id_of(log, invoice), moment)
    _require_events(history, invoice)
    state = _state(history, moment)
    if as_json:
        click.echo(json.dumps(state))
    elif not state:
        click.echo(printable(f"{invoice} was not there yet at {moment}"))
    else:
        click.echo(printable(f"{invoice} at {moment}:"))
        for name, value in flat(state).items():
            click.echo(printable(f"  {name}: {value}"))
    reports.finish(context, verified)


@click.command(
    "diff",
    epilog="\b\nExamples:\n"
    "  tallystick audit diff INV-000012 2026-11-01T00:00:00Z 2026-12-01T00:00:00Z\n"
    "  tallystick audit diff INV-000012 811 812 COPY --identity me.age --log-key KEY\n",
)
@_invoice_argument
@click.argument("earlier", type=MOMENT, metavar="T1")
@click.argument("later", type=MOMENT, metavar="T2")
@bundle_argument
@log_key_option
@identity_option
@json_option
@click.pass_context
def diff_command(
    context: click.Context,
    *,
    invoice: str,
    earlier: Moment,
    later: Moment,
    bundle: Path | None,
    log_key: NoteVerifier | None,
    identity_file: Path | None,
    as_json: bool,
) -> None:
    """Show what changed in an invoice between two moments, and who did it, with which factors, from where."""
    with open_log(bundle, "invoices", identity_file, with_keys=True) as log:
        history, verified = read_history(log, Trust(log_key), _id_of(log, invoice), earlier, later)
    _require_events(history, invoice)
    before, after = flat(_state(history, earlier)), flat(_state(history, later))
    changes = {
        name: (before.get(name), after.get(name)) for name in (before | after) if before.get(name) != after.get(name)
    }
    known = {event.position for event in history.upto(earlier)}
    happened = [event for event in history.upto(later) if event.position not in known]
    if as_json:
        changed = {name: {"before": old, "after": new} for name, (old, new) in changes.items()}
        events = [json.loads(reports.event_json(event)) for event in happened]
        click.echo(json.dumps({"changes": changed, "events": events}))
    else:
        click.echo(printable(f"{invoice} from {earlier} to {later}: {len(changes) or 'no'} changes"))
        for name, (old, new) in changes.items():
            click.echo(printable(f"  {name}: {_shown(old)} -> {_shown(new)}"))
        for event in happened:
            click.echo(sentence(event))
    reports.finish(context, verified)


@click.command(
    "proof",
    epilog="\b\nExamples:\n"
    "  tallystick audit proof INV-000012 --pdf\n"
    "  tallystick audit proof INV-000012 COPY --identity me.age\n",
)
@_invoice_argument
@bundle_argument
@identity_option
@click.option("--output", type=click.Path(path_type=Path), help="Name of the files, without ending.  [default: number]")
@click.option("--pdf", "with_pdf", is_flag=True, help="Write the document too; asks the running system for it.")
def proof_command(
    invoice: str, bundle: Path | None, identity_file: Path | None, output: Path | None, *, with_pdf: bool
) -> None:
    """Write the proof of an issued invoice, to be sent to whoever got its PDF."""
    if bundle is not None and with_pdf:
        raise click.UsageError("A bundle holds no documents: leave out BUNDLE or --pdf.")
    if bundle is None:
        with logged_in() as session:
            name, proof, pdf = _proof_from_service(session, invoice)
    else:
        with open_log(bundle, "invoices", identity_file, with_keys=True) as log:
            name, proof, pdf = _proof_from_bundle(log, Bundle(bundle), invoice)
    base = Path(name) if output is None else output
    _write_new(base.with_name(base.name + ".tlog-proof"), proof.encode())
    if with_pdf:
        _write_new(base.with_name(base.name + ".pdf"), pdf)


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
    """Check a document that you were sent against its proof. Needs no login and no network; exit 1 if it is not it."""
    try:
        proved = documents.check(document.read_bytes(), read_note(proof), log_key, witness_key)
    except documents.DocumentDiffers as error:
        click.echo(printable(f"NOT PROVED: {error}."))
        context.exit(1)
    click.echo(
        printable(
            f"PROVED: {document.name} is, byte for byte, the {proved.kind} issued on {proved.at[:10]} at"
            f" {proved.at[11:19]} UTC."
        )
    )
    click.echo(printable(f"It is event {proved.position} of {proved.size} that {proved.origin} has signed for."))
    if proved.cosigned_at is not None and witness_key is not None:
        cosigned = reports.utc(proved.cosigned_at)
        click.echo(printable(f"The witness {witness_key.name} cosigned that history at {cosigned}."))
    else:
        click.echo("No --witness-key was given: that the log shows everybody the same history was not checked.")


def _id_of(log: OpenLog, invoice: str) -> str:
    require_keys(log)
    found = find_invoice(log, invoice)
    if found is None:
        raise _no_such(invoice)
    return found


def _no_such(invoice: str) -> click.BadParameter:
    return click.BadParameter(f"there is no invoice {invoice} in this log", param_hint="INVOICE")


def _require_events(history: InvoiceHistory, invoice: str) -> None:
    if not history.events:
        raise _no_such(invoice)


def _state(history: InvoiceHistory, moment: Moment) -> State:
    try:
        return history.state(moment)
    except Unreadable as error:
        raise click.ClickException(str(error)) from None


def _shown(value: str | None) -> str:
    return "(nothing)" if value is None else value


def _proof_from_bundle(log: OpenLog, bundle: Bundle, invoice: str) -> tuple[str, str, bytes]:
    """Return the number, the proof's text and no document."""
    history, verified = read_history(log, Trust(), _id_of(log, invoice))
    if not verified.ok:
        raise click.ClickException(f"a proof is made from a sound bundle only\n{reports.as_text(verified)}")
    issued = [event for event in history.events if event.type in _ISSUING]
    if not issued:
        raise click.ClickException(f"{invoice} is not issued in this bundle, so there is nothing to prove")
    number = str(issued[0].payload.get("number", invoice))
    return number, documents.prove(bundle, issued[0].position).to_text(), b""


def _proof_from_service(session: Session, invoice: str) -> tuple[str, str, bytes]:
    """Return the number, the proof's text and the document."""
    invoice_id = invoice if is_uuid(invoice) else _find(session, invoice)
    document = session.query("invoices", "get_document", {"invoice_id": invoice_id})
    content = base64.b64decode(document["content_base64"])
    return Path(document["file_name"]).stem, str(document["proof"]), content


def _find(session: Session, number: str) -> str:
    request: dict[str, object] = {"limit": 200}
    while True:
        page = session.query("invoices", "list_invoices", request)
        for summary in page["invoices"]:
            if summary.get("number") == number:
                return str(summary["invoice_id"])
        if "next_page" not in page:
            raise _no_such(number)
        request["page_after"] = page["next_page"]


def _write_new(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
    click.echo(f"wrote {path}")
