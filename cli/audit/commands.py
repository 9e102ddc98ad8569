"""`tallystick audit`: read what happened, check that it is true, take it home."""

from collections.abc import Sequence
from pathlib import Path

import click

from cli.audit import reports
from cli.audit.export_command import export_command
from cli.audit.invoice_commands import as_of_command, diff_command
from cli.audit.key_commands import log_keys_command
from cli.audit.ledger import Ledger
from cli.audit.live import LiveLog
from cli.audit.live_history import read_stream
from cli.audit.moments import MOMENT, Moment, Until
from cli.audit.opening import (
    bundle_argument,
    identity_option,
    json_option,
    log_key_option,
    log_option,
    open_log,
    read_note,
    refuse_log_with_bundle,
    require_keys,
    required_log_key_option,
    running_system,
    whole_log_option,
    witness_key_option,
)
from cli.audit.proof_commands import check_command, proof_command
from cli.audit.reach import extent, is_whole, note_end, require_begun, require_held
from cli.audit.read_models import ReadModelComparison
from cli.audit.sentences import printable, sentence
from cli.files import FILE
from shared.eventstore.faults import Faults
from shared.eventstore.model import RecordedEvent, StoredEvent
from shared.eventstore.trust import Trust
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.note import NoteVerifier


@click.group(short_help="Read and verify a log, take it home, check a document.")
def audit() -> None:
    """Read a log, verify it, take it home; check a document that you were sent.

    BUNDLE is a folder made by `audit export`: no server, database or network is needed for it. Without BUNDLE the
    running system is asked, with the token of `tallystick login`.
    """


@audit.command(
    "replay",
    epilog="\b\nExamples:\n"
    "  tallystick audit replay --log auth\n"
    "  tallystick audit replay COPY --identity me.age --log-key KEY --at 2026-11-22T09:00:00Z\n",
)
@bundle_argument
@log_option
@log_key_option
@identity_option
@click.option("--stream", help="Only this stream, e.g. invoice-0198….")
@click.option("--at", "moment", type=MOMENT, help="Only what had happened by then.")
@whole_log_option
@json_option
@click.pass_context
def replay_command(
    context: click.Context,
    *,
    bundle: Path | None,
    service: str,
    log_key: NoteVerifier | None,
    identity_file: Path | None,
    stream: str | None,
    moment: Moment | None,
    whole_log: bool,
    as_json: bool,
) -> None:
    """Print what happened, one sentence an event, verifying on the way; exit 1 on any fault."""
    until, seen = Until(moment), False

    def wanted(event: StoredEvent) -> bool:
        nonlocal seen
        held = until.holds(event.position, event.at) and (stream is None or event.stream == stream)
        seen = seen or event.stream == stream
        return held

    def show(page: Sequence[RecordedEvent]) -> None:
        for event in page:
            click.echo(reports.event_json(event) if as_json else sentence(event))

    if bundle is None and stream is not None and not whole_log:
        with running_system() as session:
            answer = read_stream(session, service, Trust(log_key), stream, moment)
        if answer is not None:
            events, streams = answer
            show(events)
            click.echo(streams.limits(), err=True)
            reports.finish(context, streams.verification())
    with open_log(bundle, service, identity_file, with_keys=True) as log:
        require_keys(log)
        if moment is not None:
            require_held(log.copy, moment)
        verified = log.walk(Trust(log_key), "Replaying", wanted=wanted, on_page=show, prints=True)
    require_begun(log.copy, until)
    note_end(log.copy, until)
    if stream is not None and not seen:
        where = "this log" if is_whole(log.copy) else f"what is here: {extent(log.copy)}"
        raise click.BadParameter(f"there is no stream {stream} in {where}", param_hint="--stream")
    reports.finish(context, verified)


@audit.command(
    "verify",
    epilog="\b\nExamples:\n"
    "  tallystick audit verify --log-key KEY\n"
    "  tallystick audit verify COPY --log-key KEY --witness-key KEY --identity me.age\n",
)
@bundle_argument
@log_option
@required_log_key_option
@witness_key_option
@click.option("--after-checkpoint", type=FILE, help="A checkpoint kept from earlier: the log must continue it.")
@identity_option
@click.option("--without-keys", is_flag=True, help="Check hashes and signatures only; a token needs only log:read.")
@json_option
@click.pass_context
def verify_command(
    context: click.Context,
    *,
    bundle: Path | None,
    service: str,
    log_key: NoteVerifier,
    witness_key: CosignatureVerifier | None,
    after_checkpoint: Path | None,
    identity_file: Path | None,
    without_keys: bool,
    as_json: bool,
) -> None:
    """Check everything from the payloads up to the signatures; exit 1 on any fault, 3 when there is nothing to read.

    With keys every payload is opened and folded again, and a running system's answers are compared with the fold.
    """
    refuse_log_with_bundle(context, bundle)
    trust = Trust(log_key, witness_key, None if after_checkpoint is None else read_note(after_checkpoint))
    with open_log(bundle, service, identity_file, with_keys=not without_keys, cosigned=witness_key is not None) as log:
        found = Faults()
        ledger = Ledger(found, whole=log.copy.first == 0, remember=bundle is None)
        verified = log.walk(trust, "Verifying", on_page=ledger.add_all, found=found)
        ledger.end()
        compared = None
        if log.session is not None and isinstance(log.copy, LiveLog) and service == "invoices" and not without_keys:
            session = log.session
            compared = ReadModelComparison(
                lambda method, request: session.query("invoices", method, request), log.copy, ledger, found
            )
            compared.run()
    click.echo(reports.as_json(verified) if as_json else reports.as_text(verified))
    if not as_json:
        for note in ledger.unarchived.words():
            click.echo(printable(note))
    if compared is not None and not as_json:
        click.echo(f"compared with the read models: {compared.documents} documents, {compared.customers} customers")
    context.exit(0 if verified.ok else 1)


audit.add_command(as_of_command)
audit.add_command(diff_command)
audit.add_command(export_command)
audit.add_command(proof_command)
audit.add_command(check_command)
audit.add_command(log_keys_command)
