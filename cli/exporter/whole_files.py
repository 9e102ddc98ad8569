"""Files that are there whole or not at all, and that nobody but this user may read."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

import click

from cli.files import private_text

_ABOUT = ".tallystick-export"
_LONGEST_NAME = 200


@contextmanager
def whole_text(path: Path) -> Iterator[TextIO]:
    """Write a text file beside its place, and put it there when the block is over; nothing when it fails. OSError."""
    beside = path.with_name(path.name + ".unfinished")
    with private_text(beside) as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)


class DocumentFolder:
    """A folder with a file for each document: one that is there is whole, and is not fetched again."""

    def __init__(self, path: Path, about: Mapping[str, object]) -> None:
        """Make the folder, or go on with the one that was begun for the same; click.ClickException, OSError."""
        self._path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        said, note = json.dumps(about, sort_keys=True), path / _ABOUT
        if not any(path.iterdir()):
            with whole_text(note) as stream:
                stream.write(said)
        elif not note.is_file() or note.read_text("utf-8") != said:
            raise click.ClickException(
                f"{path} holds something else than what an interrupted export of the same left: name a new folder."
            )

    def place(self, number: str, invoice_id: str, ending: str) -> Path:
        """Return where a document belongs. A number can hold anything: what means something to a folder is escaped."""
        name = re.sub(r"\A\.", "%2E", quote(number, safe=" "))
        return self._path / f"{name if name and len(name) <= _LONGEST_NAME else invoice_id}.{ending}"

    @staticmethod
    def write(place: Path, content: bytes) -> None:
        """Write a file for this user only; OSError."""
        beside = place.with_name(place.name + ".unfinished")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(place)
