"""Passwords and keys of a profile: made once, each in a file of its own that only its owner can read."""

import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.account import private_file
from shared.crypto.age import new_identity, recipient_of
from shared.crypto.kek import FileKek
from shared.crypto.private_files import read_private_file, write_private_file
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import jwk
from shared.messaging.bus_keys import CallKeys, published_set
from shared.messaging.topology import event_keys_of

SERVICES = ("auth", "invoices", "notifier", "backup")
BROKER_USERS = (*SERVICES, "client", "admin")
DATABASE_USERS = (*SERVICES, "backup-reader", "admin")
ASSERTING = (*SERVICES, "operator")
"""Who may ask auth for a service token, by an assertion signed with a key of its own."""
LOGGING = ("auth", "invoices")
"""The services with a log of their own to sign."""

_KEY_BYTES = 32
_BACKUP_RECIPIENTS = 2  # one alone could lose its identity, and every backup with it


def make_secrets(directory: Path, offline: Path) -> None:
    """Make whatever is missing; what is there stays as it is.

    `directory` gets what running programs read: `postgres-<role>` and `rabbitmq-<user>` (passwords),
    `call-key-<service>`, `call-keys.json`, `event-keys-<source>-<subscriber>`, `kek-<service>`, `pepper`,
    `token-signing-key`, `token-keys.json`, `log-signing-key-<service>`, `log-keys.json`, `backup-signing-key`,
    `witness-key`, `assertion-key-<who>`, `service-keys.json`, `backup-recipients`. `offline` gets
    `backup-identity-<n>`, which no program may read while it runs: a person takes them away.
    """
    for user in DATABASE_USERS:
        _once(directory / f"postgres-{user}", _write_password)
    for user in BROKER_USERS:
        _once(directory / f"rabbitmq-{user}", _write_password)
    make_bus_keys(directory)
    _once(directory / "pepper", FileKek.create)  # the same format: base64 of 32 bytes
    for service in SERVICES:  # one each: a service that is taken over opens nobody else's data
        _once(directory / f"kek-{service}", FileKek.create)
    logs = {name: directory / f"log-signing-key-{name}" for name in LOGGING}
    signing = [directory / name for name in ("token-signing-key", "backup-signing-key", "witness-key")]
    for path in (*signing, *logs.values()):
        _once(path, _write_signing_key)
    for name in ASSERTING:
        _once(directory / f"assertion-key-{name}", _write_signing_key)
    # Once: after a rotation the published set says more than the signing key does.
    token_keys = {"token-1": directory / "token-signing-key"}
    _once(directory / "token-keys.json", lambda path: _write_key_set(path, token_keys))
    _write_key_set(directory / "log-keys.json", logs)
    assertion_keys = {name: directory / f"assertion-key-{name}" for name in ASSERTING}
    _write_key_set(directory / "service-keys.json", assertion_keys)
    _make_backup_recipients(directory / "backup-recipients", offline)


def bus_keys(service: str) -> list[str]:
    """Return the files of secret keys that a service renews: for calls to it, and for the events it publishes."""
    events = [event_keys_file(*ends) for ends in event_keys_of(service) if ends[0] == service]
    return [f"call-key-{service}", *events]


def event_keys_file(source: str, subscriber: str) -> str:
    """Return the name of the file with the keys of the events from one service to another."""
    return f"event-keys-{source}-{subscriber}"


def make_bus_keys(directory: Path) -> None:
    """Make the keys for the bus that are missing, and publish those for calls."""
    for name in (name for service in SERVICES for name in bus_keys(service)):
        _once(directory / name, FileKek.create)  # the same format
    publish_call_keys(directory)


def publish_call_keys(directory: Path) -> None:
    """Write the public halves of the current keys for calls, which follow from the private ones."""
    current = {service: CallKeys(directory / f"call-key-{service}").current.public for service in SERVICES}
    private_file(directory / "call-keys.json", f"{published_set(current)}\n", None)


def password(path: Path) -> str:
    """Return the password in this file."""
    return read_private_file(path).decode().strip()


def _once(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make the file under another name, so that a kill leaves no half of a key behind."""
    if path.exists():
        return
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    write(new)
    new.replace(path)


def _write_password(path: Path) -> None:
    write_private_file(path, f"{secrets.token_urlsafe(_KEY_BYTES)}\n".encode())


def _write_signing_key(path: Path) -> None:
    SigningKey.generate().save(path)


def _write_identity(path: Path) -> None:
    write_private_file(path, f"{new_identity()[0]}\n".encode())


def _write_key_set(path: Path, keys: Mapping[str, Path]) -> None:
    """Write the public halves, every time anew: they follow from the private ones."""
    document = {"keys": [jwk(SigningKey.load(key).public, name) for name, key in keys.items()]}
    private_file(path, f"{json.dumps(document, indent=1)}\n", None)


def _make_backup_recipients(path: Path, offline: Path) -> None:
    if path.exists():  # the identities may have been taken away since
        return
    identities = [offline / f"backup-identity-{number + 1}" for number in range(_BACKUP_RECIPIENTS)]
    for identity in identities:
        _once(identity, _write_identity)
    recipients = [recipient_of(password(identity)) for identity in identities]
    _once(path, lambda new: write_private_file(new, "".join(f"{text}\n" for text in recipients).encode()))
