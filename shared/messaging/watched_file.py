"""What a file holds, read again when the file changes: keys are rotated while services run."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from shared.crypto.private_files import KeyFileRefused
from shared.crypto.tokens import KeySetInvalid

_Content = TypeVar("_Content")
_log = structlog.get_logger(__name__)


class WatchedFile(Generic[_Content]):
    """The content of a file, looked at before each use.

    One that became unusable is said in the log, and what it held before goes on counting.
    """

    def __init__(self, path: Path, read: Callable[[Path], _Content]) -> None:
        """Read it; raises KeyFileRefused, KeySetInvalid, or OSError, as `read` does."""
        self._path, self._read = path, read
        self._state = _state_of(path)
        self._content = read(path)

    def now(self) -> _Content:
        """Return what the file holds."""
        try:
            found = _state_of(self._path)
            if found != self._state:
                self._state = found
                self._content = self._read(self._path)
        except (OSError, KeyFileRefused, KeySetInvalid) as error:
            _log.error("key_file_unusable", file=self._path.name, error=type(error).__name__)
        return self._content


def _state_of(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file is written or replaced."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
