"""Files that are named at the command line: what is wrong with one is said in a sentence, before anything else happens.

Above all before anybody has typed a password, and before anything that cannot be shown again was made.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click
import yaml
from yaml.composer import Composer, ComposerError

from shared.messaging.settings import USAGE_EXIT

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class FileUnreadable(click.ClickException):
    """A file is not there, may not be read, or holds something else; the message names it. Nothing was asked."""

    exit_code = USAGE_EXIT


class OutputFile(click.ParamType[Path]):
    """A file that is going to be written: refused at once where that could not be done."""

    name = "file"

    def __init__(self, *, new: bool = False) -> None:
        """Make the type; `new`: what is there already is refused, not replaced."""
        self._new = new

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401 - click's signature
        """Return the path, or end the program with exit status 2."""
        path = Path(value)
        try:
            if path.is_dir():
                self.fail(f"{path} is a folder.", param, ctx)
            if os.path.lexists(path):
                if self._new:
                    self.fail(f"{path} exists: name a new file.", param, ctx)
                with path.open("ab"):
                    return path
            require_writable(path.parent)
        except OSError as error:
            self.fail(f"{path} cannot be written: {error.strerror}.", param, ctx)
        return path


def require_writable(folder: Path) -> None:
    """Return when a file can be made in `folder`; OSError otherwise. Tried, because rights do not tell everything."""
    with tempfile.TemporaryFile(dir=folder):
        pass


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """Return what a text file holds; FileUnreadable."""
    try:
        return path.read_text(encoding)
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileUnreadable(f"{path} is no text in {encoding.upper()}") from None


def read_small(path: Path, most: int) -> bytes:
    """Return what a file of at most `most` bytes holds; FileUnreadable."""
    try:
        with path.open("rb") as stream:
            content = stream.read(most + 1)
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}") from None
    if not 0 < len(content) <= most:
        raise FileUnreadable(f"{path} is empty, or larger than {most} bytes")
    return content


class _WrittenTwice(ComposerError):
    """A mapping has a key a second time."""


class _Once(Composer):
    """Refuses what YAML forbids (1.2.2, 3.2.1.1) and its library takes: of two values, nobody knows which was meant."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:  # noqa: ANN401 - as the library has it
        node = super().compose_mapping_node(anchor)
        written: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in written:
                raise _WrittenTwice(problem_mark=key.start_mark)
            written.add(key.value)
        return node


class _Typed(_Once, yaml.SafeLoader):
    """Makes numbers, dates, true and false of what looks like them."""


class _AsWritten(_Once, yaml.BaseLoader):
    """Leaves every scalar as it is written."""


def read_yaml(path: Path, *, as_written: bool = False) -> object:
    """Return the value that a YAML file, and so a JSON file, holds; FileUnreadable, a key twice in one place included.

    `as_written`: every scalar is text, as it stands there.
    """
    text = read_text(path)
    try:
        return yaml.load(text, Loader=_AsWritten if as_written else _Typed)  # noqa: S506 - both make plain values only
    except _WrittenTwice as twice:
        line = twice.problem_mark.line + 1 if twice.problem_mark else 1
        raise FileUnreadable(f"{path}, line {line}: this field is written a second time; say it once") from None
    except yaml.MarkedYAMLError as error:
        where = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise FileUnreadable(f"{path} is no YAML file{where}: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date that there is not
        raise FileUnreadable(f"{path} is no YAML file") from None


@contextmanager
def private_text(path: Path) -> Iterator[TextIO]:
    """Open a text file to be written anew, that nobody but this user may read: from its first moment. OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # a terminal or /dev/null stays as it is
            os.fchmod(descriptor, 0o600)
        yield stream
