"""Files that hold private keys: read only when nobody else can read them, written so that nobody else can."""

import os
import stat
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


def replace_private_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of what `path` holds, in one step: no reader ever sees half of it.

    Owner and mode stay, whoever does it: a service must still be able to read its key. Raises OSError.
    """
    before = path.stat()
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    write_private_file(new, content)
    if (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
        os.chown(new, before.st_uid, before.st_gid)
    new.chmod(stat.S_IMODE(before.st_mode))
    new.replace(path)
