"""Objects as files in a directory, e.g. a mounted share of another machine."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote, urlsplit

from services.backup.domain.ports import ObjectExists, ObjectUnknown

_UNFINISHED: Final = ".unfinished-"


class TargetRefused(Exception):
    """A backup target that is not an absolute `file://` address."""


class DirectoryObjectStore:
    """An ObjectStore in a directory; a name such as `objects/ab12` is a path below it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def from_url(cls, url: str) -> "DirectoryObjectStore":
        """Make one for `file:///some/directory`; raises TargetRefused."""
        parts = urlsplit(url)
        path = Path(unquote(parts.path))
        if parts.scheme != "file" or parts.netloc or not path.is_absolute():
            raise TargetRefused("the backup target must be file:///an/absolute/directory")
        return cls(path)

    def put(self, name: str, content: IO[bytes]) -> None:
        """Store `content` under a new name; raises ObjectExists.

        Written to a temporary name, forced to disk, then linked: `link` refuses an existing name where `rename` would
        replace it, and a crash at any point leaves either the whole object under its name or nothing.
        """
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            with unfinished.open("xb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            os.link(unfinished, path)
        except FileExistsError:
            raise ObjectExists(f"{name} exists") from None
        finally:
            with suppress(FileNotFoundError):
                unfinished.unlink()
        _sync_directory(path.parent)

    @contextmanager
    def get(self, name: str) -> Iterator[IO[bytes]]:
        """Open an object for reading; raises ObjectUnknown."""
        try:
            file = (self._root / name).open("rb")
        except FileNotFoundError:
            raise ObjectUnknown(f"{name} does not exist") from None
        with file:
            yield file

    def list(self, prefix: str) -> list[str]:
        """Return the names of finished objects that begin with `prefix`, sorted."""
        files = (path for path in self._root.rglob("*") if path.is_file())
        names = (path.relative_to(self._root).as_posix() for path in files if not path.name.startswith(_UNFINISHED))
        return sorted(name for name in names if name.startswith(prefix))


def _sync_directory(path: Path) -> None:
    """Force the directory entry to disk too: a synced file without a name is lost all the same."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
