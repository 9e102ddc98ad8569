"""`tallystick audit export`: the command around the copying."""

from pathlib import Path

import click

from cli.audit.export import ExportRefused, begin, export, files_of
from cli.audit.moments import MOMENT, Moment
from cli.audit.opening import CannotRead, cosigned_note, log_option, running_system
from cli.audit.progress import progress
from shared.crypto.age import RecipientInvalid, encrypt_to
from shared.eventstore.tree_walk import CopyUnreadable


@click.command(
    "export",
    epilog="\b\nExamples:\n"
    "  tallystick audit export COPY --recipient age1…\n"
    "  tallystick audit export NOVEMBER --recipient age1… --from 2026-11-01T00:00:00Z --to 2026-11-30T23:59:59Z\n",
)
@click.argument("folder", type=click.Path(path_type=Path))
@log_option
@click.option("--from", "first", type=MOMENT, help="First position, or what happened from this instant on.")
@click.option("--to", "last", type=MOMENT, help="Last position, or what happened up to this instant.")
@click.option("--recipient", required=True, help="Your age recipient (age1…): only you can open the payloads.")
def export_command(folder: Path, service: str, first: Moment | None, last: Moment | None, recipient: str) -> None:
    """Copy a running system's log into FOLDER, which is new; run it again to go on after an interruption."""
    try:
        encrypt_to([recipient], b"")
    except RecipientInvalid as error:
        raise click.BadParameter(str(error), param_hint="--recipient") from None
    with running_system() as session:
        try:
            note = cosigned_note(session, service)
            log = begin(lambda method, request: session.query(service, method, request), folder, note, first, last)
            with progress("Exporting", files_of(log)) as advance:
                export(log, recipient, folder, advance)
        except (ExportRefused, CopyUnreadable) as error:
            raise CannotRead(str(error)) from None
        except OSError as error:
            raise CannotRead(f"{error.filename or folder}: {error.strerror or error}") from None
    click.echo(f"positions {log.first} to {log.last} of a log of {log.size} events are in {folder}")
