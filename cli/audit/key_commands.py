"""`tallystick audit log-keys`: which verifier keys a running system says are its logs' and its witness's."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import click

from cli.audit.opening import json_option, running_system
from cli.audit.sentences import printable
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

    They come from the party that is to be audited: compare them with keys that you got another way.
    """
    try:
        with running_system() as session:
            keys: dict[str, str | None] = {log: str(log_key(session.query, log)) for log in _LOGS}
            keys["witness"] = _witness_or_none(session.query)
    except KeyUnproven as error:
        raise click.ClickException(printable(str(error))) from None
    if as_json:
        click.echo(json.dumps(keys))
    else:
        for name, key in keys.items():
            click.echo(printable(f"{name:<9} {key or '(not shown)'}"))
    click.echo(_WARNING, err=True)


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


def _witness_or_none(ask: Ask) -> str | None:
    try:
        return str(witness_key(ask))
    except PublicError as error:
        click.echo(f"The witness shows no key ({error.code}: {error.message})", err=True)
        return None
