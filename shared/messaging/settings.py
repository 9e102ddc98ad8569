"""Configuration from the environment: names start with TALLYSTICK_, secrets come from files named by `*_FILE`.

Nothing has a default that would be a secret or an address. Passwords are kept out of `repr`.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote, urlsplit, urlunsplit

from environs import Env

from shared.crypto.kek import FileKek, KeyEncryptionKey
from shared.crypto.pkcs11_kek import Pkcs11Kek, TokenKey, TokenRefused
from shared.crypto.private_files import KeyFileRefused
from shared.crypto.tokens import KeySetInvalid
from shared.messaging.bus_keys import CallKeys, EventKeys, PublishedCallKeys, ServiceKeys
from shared.messaging.green import off_the_hub
from shared.messaging.sealing import LARGEST
from shared.messaging.topology import event_keys_of

PREFIX = "TALLYSTICK_"
USAGE_EXIT = 2
_Settings = TypeVar("_Settings")
_Key = TypeVar("_Key")


class SettingInvalid(Exception):
    """A setting is missing or unusable; the message is one sentence that names it and shows no value."""


class Environment:
    """The process environment, read by names without the TALLYSTICK_ prefix."""

    def __init__(self) -> None:
        self._env = Env(prefix=PREFIX)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a non-empty text; SettingInvalid when it is missing and has no default."""
        value: str | None = self._env.str(name, default)
        if not value:
            raise SettingInvalid(f"The setting {PREFIX}{name} is missing.")
        return value

    def optional(self, name: str) -> str | None:
        """Return a text, or None when it is not set or empty."""
        return self._env.str(name, None) or None

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a whole number; SettingInvalid when it is missing without a default, or not a number."""
        text = self.text(name, None if default is None else str(default))
        try:
            return int(text)
        except ValueError:
            raise SettingInvalid(f"The setting {PREFIX}{name} is not a whole number.") from None

    def path(self, name: str) -> Path:
        """Return the path of a file that exists."""
        path = Path(self.text(name))
        if not os.path.isfile(path):  # noqa: PTH113 - unlike Path's, it says no where a folder may not be entered
            raise SettingInvalid(f"The setting {PREFIX}{name} names a file that is not there.")
        return path

    def key(self, name: str, load: Callable[[Path], _Key]) -> _Key:
        """Return the key in the file that the setting names; SettingInvalid when `load` refuses it."""
        path = self.path(name)
        try:
            return load(path)
        except (KeyFileRefused, KeySetInvalid, TokenRefused, OSError) as error:
            raise SettingInvalid(f"The file that {PREFIX}{name} names is unusable: {error}.") from None

    def secret(self, name: str) -> str:
        """Return what the file named by the setting holds, without the newline at its end."""
        try:
            value = self.path(name).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise SettingInvalid(f"The file that {PREFIX}{name} names cannot be read.") from None
        if not value:
            raise SettingInvalid(f"The file that {PREFIX}{name} names is empty.")
        return value


def with_password(url: str, password: str, setting: str) -> str:
    """Put a password into a URL that names a user and no password; SettingInvalid, naming `setting`, otherwise."""
    parts = urlsplit(url)
    if not (parts.scheme and parts.hostname and parts.username) or parts.password is not None:
        raise SettingInvalid(f"The setting {PREFIX}{setting} must be a URL with a user and without a password.")
    user, _, address = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}"))


@dataclass(frozen=True, slots=True)
class BusSettings:
    """What a caller that serves nothing needs of the bus: no secret but its password."""

    uri: str = field(repr=False)
    """AMQP URI with the password in it: never logged."""
    published: PublishedCallKeys
    largest: int = LARGEST
    """Bytes of a message's body, at most."""

    @property
    def address(self) -> str:
        """Host and port of the broker, which may be shown."""
        return urlsplit(self.uri).netloc.rpartition("@")[2]

    @classmethod
    def read(cls, environment: Environment) -> "BusSettings":
        """Read AMQP_URL, AMQP_PASSWORD_FILE, CALL_KEYS_FILE and LARGEST_MESSAGE_BYTES."""
        published = environment.key("CALL_KEYS_FILE", PublishedCallKeys)
        return cls(_broker(environment), published, environment.integer("LARGEST_MESSAGE_BYTES", LARGEST))


@dataclass(frozen=True, slots=True)
class ServiceBusSettings:
    """What a service needs of the bus."""

    uri: str = field(repr=False)
    """AMQP URI with the password in it: never logged."""
    keys: ServiceKeys
    largest: int = LARGEST
    """Bytes of a message's body, at most."""

    @classmethod
    def read(cls, environment: Environment, service: str) -> "ServiceBusSettings":
        """Read what BusSettings reads, CALL_KEY_FILE, and the keys of the events that it publishes or hears."""
        uri = _broker(environment)
        keys = ServiceKeys(
            environment.key("CALL_KEYS_FILE", PublishedCallKeys),
            environment.key("CALL_KEY_FILE", CallKeys),
            {ends: environment.key(event_keys_setting(*ends), EventKeys) for ends in event_keys_of(service)},
        )
        return cls(uri, keys, environment.integer("LARGEST_MESSAGE_BYTES", LARGEST))


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """How to reach a database."""

    conninfo: str = field(repr=False)
    """libpq URI with the password in it: never logged."""

    @classmethod
    def read(
        cls,
        environment: Environment,
        url: str = "DATABASE_URL",
        password_file: str = "DATABASE_PASSWORD_FILE",  # noqa: S107 - the name of a setting, not a password
    ) -> "DatabaseSettings":
        """Read a database URL without password, and the password from its own file."""
        return cls(with_password(environment.text(url), environment.secret(password_file), url))


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """What it takes to read a service's log: enough to rebuild its read models."""

    database: DatabaseSettings
    kek: KeyEncryptionKey = field(repr=False)

    @classmethod
    def read(cls, environment: Environment) -> "HistorySettings":
        """Read DATABASE_URL, DATABASE_PASSWORD_FILE and where the KEK is."""
        return cls(DatabaseSettings.read(environment), read_kek(environment))


def read_kek(environment: Environment) -> KeyEncryptionKey:
    """Read KEK; for `file`, KEK_FILE; for `pkcs11`, PKCS11_MODULE, _TOKEN, _KEY_LABEL, _PIN_FILE. SettingInvalid."""
    match environment.text("KEK", "file"):
        case "file":
            return environment.key("KEK_FILE", FileKek.load)
        case "pkcs11":
            module, token = environment.path("PKCS11_MODULE"), environment.text("PKCS11_TOKEN")
            load = partial(Pkcs11Kek.load, module, token, environment.text("PKCS11_KEY_LABEL"))
            # A device may take its time, and waits in C: in native threads, so that other calls go on meanwhile.
            return cast("KeyEncryptionKey", off_the_hub(environment.key("PKCS11_PIN_FILE", load), TokenKey))
        case _:
            raise SettingInvalid(f"The setting {PREFIX}KEK is neither `file` nor `pkcs11`.")


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What `worker.run` needs to serve one service."""

    bus: ServiceBusSettings
    database: DatabaseSettings
    max_workers: int = 10
    """How many calls run at the same time."""
    log_level: str = "INFO"

    @classmethod
    def read(cls, environment: Environment, service: str) -> "WorkerSettings":
        """Read the bus as this service sees it, the database, MAX_WORKERS and LOG_LEVEL."""
        return cls(
            bus=ServiceBusSettings.read(environment, service),
            database=DatabaseSettings.read(environment),
            max_workers=environment.integer("MAX_WORKERS", 10),
            log_level=environment.text("LOG_LEVEL", "INFO"),
        )


def event_keys_setting(source: str, subscriber: str) -> str:
    """Return the name of the setting with the keys of the events from one service to another, without its prefix."""
    return f"EVENT_KEYS_{source.upper()}_{subscriber.upper()}_FILE"


def _broker(environment: Environment) -> str:
    """Read AMQP_URL and AMQP_PASSWORD_FILE."""
    return with_password(environment.text("AMQP_URL"), environment.secret("AMQP_PASSWORD_FILE"), "AMQP_URL")


def read_or_exit(read: Callable[[Environment], _Settings]) -> _Settings:
    """Build settings from the environment; a missing one ends the process with one sentence and exit code 2."""
    try:
        return read(Environment())
    except SettingInvalid as problem:
        sys.stderr.write(f"{problem}\n")
        raise SystemExit(USAGE_EXIT) from None
