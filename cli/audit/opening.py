"""How every audit command comes by a log: from a bundle, or from a running service; and what it trusts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from cli.audit.bundle import Bundle
from cli.audit.live import LiveLog
from cli.audit.progress import progress
from cli.files import FILE, FOLDER
from cli.refusals import described
from cli.session import Session, logged_in
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.crypto.age import IdentityRefused, new_identity
from shared.crypto.private_files import KeyFileRefused, read_private_file
from shared.eventstore.faults import Faults
from shared.eventstore.model import RecordedEvent, StoredEvent
from shared.eventstore.tree_walk import CopyUnreadable
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification, verify_log
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.note import NoteInvalid, NoteVerifier

_LARGEST_NOTE = 1 << 20


class CannotRead(click.ClickException):
    """What was to be audited could not be read: no verdict, neither good nor bad (docs/auditing.md)."""

    exit_code = 3


@dataclass(frozen=True)
class OpenLog:
    """A log to be read, and the keys to its payloads."""

    copy: Bundle | LiveLog
    keys: Mapping[str, bytes] | None
    session: Session | None = None
    """The connection, where the log is a running service's."""

    def walk(
        self,
        trust: Trust,
        title: str,
        *,
        wanted: Callable[[StoredEvent], bool] = lambda _: True,
        on_page: Callable[[Sequence[RecordedEvent]], None] = lambda _: None,
        found: Faults | None = None,
        prints: bool = False,
    ) -> Verification:
        """Verify the log under a progress bar; parameters as of `verify_log`. `prints`: `on_page` writes to stdout."""
        with progress(title, self.copy.size, beside_output=prints) as advance:
            return verify_log(
                self.copy, trust, keys=self.keys, wanted=wanted, on_page=on_page, progress=advance, found=found
            )


_WITHOUT_EXPORT = (
    "Whoever opens what the log holds has the role auditor; `audit verify --without-keys` checks hashes and signatures"
    " without it."
)


@contextmanager
def open_log(
    folder: Path | None, service: str, identity_file: Path | None, *, with_keys: bool, cosigned: bool = False
) -> Iterator[OpenLog]:
    """Open the bundle in `folder`, or else the running service's log; whatever is wrong ends with one sentence.

    A running service seals the keys to `identity_file`, or to an identity that is made for this run and never leaves
    the process. `cosigned`: its checkpoint is asked for from the witness.
    """
    try:
        identity = None if identity_file is None else read_private_text(identity_file)
        if folder is not None:
            bundle = Bundle(folder)
            yield OpenLog(bundle, bundle.keys(identity) if with_keys and identity is not None else None)
            return
        with running_system() as session:
            note = cosigned_note(session, service) if cosigned else None
            live = LiveLog(lambda method, request: session.query(service, method, request), note)
            keys = _keys_of(live) if with_keys else None
            yield OpenLog(live, keys, session)
    except (CopyUnreadable, IdentityRefused, KeyFileRefused) as error:
        raise CannotRead(str(error)) from None


def _keys_of(live: LiveLog) -> Mapping[str, bytes]:
    try:
        return live.keys(*new_identity())
    except PublicError as refused:
        if refused.details.get("permission") != Permission.LOG_EXPORT.value:
            raise
        raise CannotRead(f"{refused.code}: {described(refused)} {_WITHOUT_EXPORT}") from None


@contextmanager
def running_system() -> Iterator[Session]:
    """Connect as `logged_in` does; what stands between an auditor and the log is no fault of the log: CannotRead."""
    try:
        with logged_in() as session:
            yield session
    except click.ClickException as error:
        if error.exit_code != click.ClickException.exit_code:
            raise
        raise CannotRead(error.message) from None


def cosigned_note(session: Session, service: str) -> str:
    """Return a log's newest checkpoint, cosigned by the witness; say so on stderr when it did not cosign."""
    try:
        return str(session.query("backup", "cosign", {"log": service})["note"])
    except PublicError as error:
        refused = error.code is ErrorCode.LOG_INCONSISTENT
        what = "THE WITNESS REFUSES THIS LOG" if refused else "No witness cosigned the checkpoint"
        click.echo(f"{what} ({error.code}: {described(error)})", err=True)
        return str(session.query(service, "checkpoint", {})["note"])


def refuse_log_with_bundle(context: click.Context, bundle: Path | None) -> None:
    """Refuse --log beside BUNDLE: which log a bundle is of stands in its checkpoint, not in a choice."""
    if bundle is not None and context.get_parameter_source("service") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--log chooses a running system's log; a BUNDLE is a copy of the log that it names.")


def require_keys(log: OpenLog) -> None:
    """Refuse to show a bundle's content without the identity that opens its keys."""
    if log.keys is None:
        raise click.UsageError("A bundle's payloads are sealed: give your age identity file with --identity.")


def read_private_text(path: Path) -> str:
    """Return the text of a file that only its owner can read; KeyFileRefused, CannotRead."""
    try:
        return read_private_file(path).decode()
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyFileRefused(f"{path} is not a text file") from None


def read_document(path: Path) -> bytes:
    """Return what a document holds; CannotRead."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror}") from None


def read_note(path: Path) -> str:
    """Return the text of a checkpoint or proof; CannotRead."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_NOTE + 1)
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror}") from None
    try:
        if len(content) <= _LARGEST_NOTE:
            return content.decode()
    except UnicodeDecodeError:
        pass
    raise CannotRead(f"{path} is no text of a reasonable length, so no checkpoint and no proof")


class _LogKey(click.ParamType[NoteVerifier]):
    name = "VKEY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> NoteVerifier:  # noqa: ANN401 - click's signature
        try:
            return NoteVerifier.parse(value)
        except NoteInvalid as error:
            self.fail(f"not a log's verifier key: {error}", param, ctx)


class _WitnessKey(click.ParamType[CosignatureVerifier]):
    name = "VKEY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> CosignatureVerifier:  # noqa: ANN401 - click's signature
        try:
            return CosignatureVerifier.parse(value)
        except NoteInvalid as error:
            self.fail(f"not a witness's verifier key: {error}", param, ctx)


LOG_KEY, WITNESS_KEY = _LogKey(), _WitnessKey()

bundle_argument = click.argument("bundle", type=FOLDER, required=False)
log_option = click.option(
    "--log",
    "service",
    type=click.Choice(["invoices", "auth"]),
    default="invoices",
    show_default=True,
    help="Without BUNDLE: which running service's log.",
)
_LOG_KEY_HELP = "The log's verifier key, from a source you trust."
log_key_option = click.option("--log-key", type=LOG_KEY, help=_LOG_KEY_HELP)
required_log_key_option = click.option("--log-key", type=LOG_KEY, required=True, help=_LOG_KEY_HELP)
witness_key_option = click.option(
    "--witness-key", type=WITNESS_KEY, help="A witness's verifier key: the checkpoint must be cosigned by it."
)
identity_option = click.option(
    "--identity", "identity_file", type=FILE, help="Your age identity file, which opens a bundle's payloads."
)
whole_log_option = click.option(
    "--whole-log", is_flag=True, help="Without BUNDLE: read and check the whole log, not only what is asked about."
)
json_option = click.option("--json", "as_json", is_flag=True, help="For machines.")
