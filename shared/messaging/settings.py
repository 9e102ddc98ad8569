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
from shared.messaging.green import off_the_hub
from shared.messaging.serializer import BusKeys, BusKeysInvalid

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
    """How to reach the broker and how to read what is on it."""

    uri: str = field(repr=False)
    """AMQP URI with the password in it: never logged."""
    keys: BusKeys = field(repr=False)

    @property
    def address(self) -> str:
        """Host and port of the broker, which may be shown."""
        return urlsplit(self.uri).netloc.rpartition("@")[2]

    @classmethod
    def read(cls, environment: Environment) -> "BusSettings":
        """Read AMQP_URL, AMQP_PASSWORD_FILE and BUS_KEY_FILE."""
        password = environment.secret("AMQP_PASSWORD_FILE")
        uri = with_password(environment.text("AMQP_URL"), password, "AMQP_URL")
        try:
            keys = BusKeys.load(environment.path("BUS_KEY_FILE"))
        except BusKeysInvalid as error:
            raise SettingInvalid(f"The file that {PREFIX}BUS_KEY_FILE names is unusable: {error}.") from None
        return cls(uri, keys)


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

    bus: BusSettings
    database: DatabaseSettings
    max_workers: int = 10
    """How many calls run at the same time."""
    log_level: str = "INFO"

    @classmethod
    def read(cls, environment: Environment) -> "WorkerSettings":
        """Read the bus, the database, MAX_WORKERS and LOG_LEVEL."""
        return cls(
            bus=BusSettings.read(environment),
            database=DatabaseSettings.read(environment),
            max_workers=environment.integer("MAX_WORKERS", 10),
            log_level=environment.text("LOG_LEVEL", "INFO"),
        )


def read_or_exit(read: Callable[[Environment], _Settings]) -> _Settings:
    """Build settings from the environment; a missing one ends the process with one sentence and exit code 2."""
    try:
        return read(Environment())
    except SettingInvalid as problem:
        sys.stderr.write(f"{problem}\n")
        raise SystemExit(USAGE_EXIT) from None
