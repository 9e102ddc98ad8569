"""A profile: one private copy of the stack, with its own directory, servers, ports and secrets."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

CHECKOUT = Path(__file__).resolve().parents[2]
DEFAULT_RUN_DIRECTORY = CHECKOUT / ".run"

_OWNER_ONLY = 0o700
_OTHERS_MAY_PASS = 0o711


class StackError(Exception):
    """Something that the person at the keyboard can put right; the message is one or two sentences."""


class ProfileBusy(StackError):
    """Another launcher holds this profile."""


@dataclass(frozen=True)
class Profile:
    """Where one copy of the stack keeps everything, and what it consists of.

    `complete` says whether the services and the SMTP server belong to it, or only PostgreSQL and RabbitMQ.
    `durable` says whether what the servers stored outlives a restart.
    """

    name: str
    directory: Path
    complete: bool
    durable: bool

    @property
    def logs(self) -> Path:
        """One file per program."""
        return self.directory / "logs"

    @property
    def logs_before(self) -> Path:
        """The logs of the run before this one."""
        return self.directory / "logs-before"

    @property
    def secrets(self) -> Path:
        """Passwords and keys that running programs read."""
        return self.directory / "secrets"

    @property
    def offline(self) -> Path:
        """What no running program may read: the identities that open backups."""
        return self.directory / "offline"

    @property
    def maildir(self) -> Path:
        """Where the SMTP server delivers."""
        return self.directory / "maildir"

    @property
    def offsite(self) -> Path:
        """The directory that stands for the backup's offsite target."""
        return self.directory / "offsite"

    @property
    def stack_file(self) -> Path:
        """Tells in JSON where everything is, once all of it runs."""
        return self.directory / "stack.json"

    def make_directories(self) -> None:
        """Create the directories, closed to everybody else.

        As root the two outer ones can be passed through (not listed), because PostgreSQL refuses to run as
        root and its user has to reach its own data; every file and inner directory stays closed.
        """
        outer = _OTHERS_MAY_PASS if os.geteuid() == 0 else _OWNER_ONLY
        for path in (self.directory.parent, self.directory):
            path.mkdir(mode=outer, parents=True, exist_ok=True)
            path.chmod(outer)
        for path in (self.logs, self.secrets, self.offline):
            path.mkdir(mode=_OWNER_ONLY, exist_ok=True)
            path.chmod(_OWNER_ONLY)

    @contextmanager
    def hold(self, *, wait_seconds: float = 0) -> Iterator[None]:
        """Be the only launcher of this profile. The kernel lets go when the process ends, however it ends.

        Raises ProfileBusy.
        """
        self.make_directories()
        lock = FileLock(self.directory / "lock", timeout=wait_seconds, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise ProfileBusy(
                f"The {self.name} stack of this checkout is already running: wait for it, or end it with `make down`."
            ) from None
        try:
            self.launcher_file.write_text(f"{os.getpid()}\n")
            yield
        finally:
            self.launcher_file.unlink(missing_ok=True)
            lock.release()

    @property
    def launcher_file(self) -> Path:
        """Holds the process id of the launcher; to be believed only while the lock is taken."""
        return self.directory / "launcher.pid"


_KINDS = {  # name: (complete, durable)
    "main": (True, True),
    "demo": (True, False),
    "test": (False, False),
}
PROFILE_NAMES = tuple(_KINDS)


def profile_named(name: str, run_directory: Path = DEFAULT_RUN_DIRECTORY) -> Profile:
    """Return the profile `main`, `demo` or `test` below `run_directory`."""
    complete, durable = _KINDS[name]
    return Profile(name, run_directory.absolute() / name, complete=complete, durable=durable)
