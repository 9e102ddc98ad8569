"""Files that hold private keys: read only when nobody else can read them, written so that nobody else can."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFileRefused(Exception):
    """A key file that must not be used: others may touch it, or it does not hold a key. Never shows its content."""


def read_private_file(path: Path) -> bytes:
    """Return the bytes of `path`; KeyFileRefused when it is no regular file or group or world have any access.

    The open descriptor is examined, not the path: the file cannot be swapped between the check and the read.
    """
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise KeyFileRefused(f"{path} is not a regular file")
        if mode & _OTHERS:
            raise KeyFileRefused(f"{path} is open to other users (mode {stat.S_IMODE(mode):04o}): chmod 600")
        return file.read()


def write_private_file(path: Path, content: bytes) -> None:
    """Create `path` with mode 0600 from its first moment; FileExistsError when it exists: keys are not replaced."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Wait until nobody else changes `path`, and keep it so: read it and write what follows from that in here.

    The lock is on `.<name>.lock` beside it, which stays: `path` itself becomes another file with every change, and a
    lock file that is removed leaves two who each hold "the" lock. The kernel frees it when its holder is killed.
    Raises OSError.
    """
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _give(lock, path.stat())
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def replace_private_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of what `path` holds, in one step: no reader ever sees half of it. Inside `changing`.

    Owner and mode stay, whoever does it: a service must still be able to read its key. Raises OSError.
    """
    before = path.stat()
    for left in path.parent.glob(f".{path.name}.*.new"):  # by one that was killed: keys that nobody knows of
        left.unlink()
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            _give(file.fileno(), before)
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _give(descriptor: int, owner: os.stat_result) -> None:
    """Make the owner of one file the owner of another."""
    status = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (owner.st_uid, owner.st_gid):
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _sync_directory(directory: Path) -> None:
    """Make the names in it durable: what is wrapped next must not outlive the key that wraps it."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
