"""`tallystick audit`: take a log home, check it anywhere, read it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from cli.audit.bundle import Bundle, BundleUnreadable
from cli.audit.export import ExportIncomplete, export
from cli.audit.verify import Verification, verify
from cli.session import logged_in
from shared.crypto.age import IdentityRefused
from shared.crypto.private_files import KeyFileRefused, read_private_file
from shared.eventstore.model import RecordedEvent
from shared.merkle.note import NoteInvalid, NoteVerifier

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_identity = click.option("--identity", "identity_file", type=_FILE, help="Your age identity file: opens the payloads.")
_log_key = click.option("--log-key", required=True, help="The log's verifier key, from a source you trust.")


@click.group()
def audit() -> None:
    """Copy a log, verify it without any server, read what happened."""


@audit.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--service", type=click.Choice(["invoices", "auth"]), default="invoices", show_default=True)
@click.option("--recipient", required=True, help="Your age recipient (age1…): only you can open the payloads.")
def export_command(folder: Path, service: str, recipient: str) -> None:
    """Copy the log into FOLDER, which must not exist yet."""
    with logged_in() as session:

        def read(method: str, request: Mapping[str, object]) -> Mapping[str, object]:
            return session.query(service, method, request)

        with click.progressbar(length=1, label="Exporting", show_pos=True) as bar:

            def progress(written: int, size: int) -> None:
                bar.length = size
                bar.update(written - bar.pos)

            try:
                export(read, recipient, folder, progress)
            except (ExportIncomplete, FileExistsError) as error:
                raise click.ClickException(str(error)) from None
    click.echo(f"The log is in {folder}")


@audit.command("verify")
@click.argument("folder", type=_FOLDER)
@_log_key
@_identity
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def verify_command(
    context: click.Context, folder: Path, log_key: str, identity_file: Path | None, *, as_json: bool
) -> None:
    """Re-hash everything in FOLDER up to the signature; exit 1 on any fault, each with its position."""
    found = verify_bundle(folder, log_key, identity_file)
    click.echo(_as_json(found) if as_json else _as_text(found))
    context.exit(0 if found.ok else 1)


@audit.command("replay")
@click.argument("folder", type=_FOLDER)
@_log_key
@click.option("--identity", "identity_file", type=_FILE, required=True, help="Your age identity file.")
@click.option("--stream", help="Only this stream.")
@click.option("--json", "as_json", is_flag=True, help="For machines: one event a line.")
@click.pass_context
def replay_command(
    context: click.Context, folder: Path, log_key: str, identity_file: Path, stream: str | None, *, as_json: bool
) -> None:
    """Print what happened, verifying on the way; exit 1 on any fault."""

    def show(event: RecordedEvent) -> None:
        if stream is None or event.stream == stream:
            click.echo(_event_json(event) if as_json else _event_text(event))

    found = verify_bundle(folder, log_key, identity_file, show)
    if not found.ok:
        click.echo(_as_text(found), err=True)
    context.exit(0 if found.ok else 1)


def verify_bundle(
    folder: Path,
    log_key: str,
    identity_file: Path | None,
    on_event: Callable[[RecordedEvent], None] = lambda _: None,
) -> Verification:
    """Verify the bundle in `folder`; what is wrong with the arguments ends the command with one sentence."""
    bundle = Bundle(folder)
    try:
        keys = None if identity_file is None else bundle.keys(read_private_file(identity_file).decode())
        return verify(bundle, NoteVerifier.parse(log_key), keys, on_event)
    except (NoteInvalid, BundleUnreadable, IdentityRefused, KeyFileRefused) as error:
        raise click.ClickException(str(error)) from None


def _as_text(found: Verification) -> str:
    lines = [
        f"{'whole log' if fault.position is None else f'position {fault.position}'}: {fault.kind}: {fault.reason}"
        for fault in found.faults
    ]
    verdict = "OK" if found.ok else f"{len(found.faults)} FAULTS"
    return "\n".join([*lines, f"{verdict}: {found.events} events, {found.opened} opened, root {found.root.hex()}"])


def _as_json(found: Verification) -> str:
    faults = [{"kind": fault.kind, "position": fault.position, "reason": fault.reason} for fault in found.faults]
    return json.dumps(
        {
            "ok": found.ok,
            "tenant": found.tenant,
            "events": found.events,
            "opened": found.opened,
            "root": found.root.hex(),
            "faults": faults,
        }
    )


def _event_text(event: RecordedEvent) -> str:
    return f"{event.position:>8}  {event.at}  {event.type:<20}  {event.stream}"


def _event_json(event: RecordedEvent) -> str:
    return json.dumps(asdict(event), ensure_ascii=False)
