"""`tallystick audit log-keys`: which verifier keys a running system says are its logs' and its witness's."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import click

from cli.audit.opening import CannotRead, json_option, running_system
from cli.audit.sentences import printable
from cli.refusals import described
from shared.contracts.errors import PublicError
from shared.merkle.checkpoint import CheckpointInvalid, verify_checkpoint
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.note import NoteInvalid, NoteVerifier, open_note

Ask = Callable[[str, str, Mapping[str, object]], Mapping[str, Any]]
"""Calls a method of a service with a request; raises PublicError."""

_LOGS = ("invoices", "auth")
_WARNING = (
    "These are the keys that the system itself shows. Whoever could falsify its log could show keys of his own: before"
    " you trust one, compare it with what you got another way, on paper or from a person whom you know."
)


class KeyUnproven(Exception):
    """A service names a key that did not sign its own checkpoint; the message says which."""


@click.command(
    "log-keys",
    epilog="\b\nExamples:\n  tallystick audit log-keys\n  tallystick audit log-keys --json\n",
)
@json_option
def log_keys_command(*, as_json: bool) -> None:
    """Show the verifier keys of a running system's logs and of its witness, for --log-key and --witness-key.

    They come from the party that is to be audited: compare them with keys that you got another way. Exit status 3 when
    the witness does not answer: what is shown then is the logs' keys alone.
    """
    try:
        with running_system() as session:
            keys: dict[str, str | None] = {log: str(log_key(session.query, log)) for log in _LOGS}
            silence = _add_witness(keys, session.query)
    except KeyUnproven as error:
        raise click.ClickException(printable(str(error))) from None
    if as_json:
        click.echo(json.dumps(keys))
    else:
        for name, key in keys.items():
            click.echo(printable(f"{name:<9} {key or '(not shown)'}"))
    click.echo(_WARNING, err=True)
    if silence is not None:
        raise CannotRead(printable(f"the witness shows no key ({silence.code}: {described(silence)})"))


def log_key(ask: Ask, log: str) -> NoteVerifier:
    """Return the key that a log says is its own and that signs its checkpoint; raises KeyUnproven, PublicError."""
    answer = ask(log, "checkpoint", {})
    try:
        key = NoteVerifier.parse(str(answer["verifier_key"]))
        verify_checkpoint(str(answer["note"]), [key], key.name)
    except (NoteInvalid, CheckpointInvalid) as error:
        raise KeyUnproven(f"the log {log} names a key that did not sign its checkpoint: {error}") from None
    return key


def witness_key(ask: Ask) -> CosignatureVerifier:
    """Return the key that the witness says is its own and that cosigns; raises KeyUnproven, PublicError."""
    answer = ask("backup", "cosign", {"log": "invoices"})
    try:
        key = CosignatureVerifier.parse(str(answer["witness_key"]))
        open_note(str(answer["note"]), [key])
    except NoteInvalid as error:
        raise KeyUnproven(f"the witness names a key that did not cosign the checkpoint: {error}") from None
    return key


def _add_witness(keys: dict[str, str | None], ask: Ask) -> PublicError | None:
    """Add the witness's key; without an answer add none and return why, so that the others can be shown."""
    try:
        keys["witness"] = str(witness_key(ask))
    except PublicError as error:
        keys["witness"] = None
        return error
    return None
