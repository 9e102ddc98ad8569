"""The rules in a process of their own.

Saxon is native code that keeps the interpreter's lock while it works, 10 ms and more for each form: in a thread it
would stop every other call of the service all the same. Beside the service it stops nothing, uses a core of its own,
and takes nothing with it should it crash.

The process gets one frame for each question and answers with one: four bytes of length, then MessagePack. It inherits
no environment, so no secret of the service, and ends when its standard input does: with the service, however that ends.
"""

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO, Self

import msgspec

from services.invoices.adapters.xml.forms import Forms
from services.invoices.adapters.xml.rules import Rules, require_none
from services.invoices.domain.document.rule import BrokenRule

_ROOT = Path(__file__).parents[4]
_LENGTH = struct.Struct(">I")


class RulesUnavailable(RuntimeError):
    """The process that checks the rules ended; the next question starts another."""


class RulesProcess:
    """Asks a process whether rules are kept; it starts with the first question.

    One question at a time: whoever shares it between threads gives turns.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def broken(self, forms: Forms) -> list[BrokenRule]:
        """Return the rules that either form breaks, as `Rules.broken` does. Raises RulesUnavailable."""
        process = self._running()
        assert process.stdin is not None  # noqa: S101 -- for the type checker: both ends are pipes
        assert process.stdout is not None  # noqa: S101 -- as above
        try:
            _write(process.stdin, msgspec.msgpack.encode(forms))
            answer = _read(process.stdout)
        except BrokenPipeError:
            answer = None
        if answer is None:
            self.close()
            raise RulesUnavailable(f"the process that checks the rules ended with {process.returncode}")
        return msgspec.msgpack.decode(answer, type=list[BrokenRule])

    def require_kept(self, forms: Forms) -> None:
        """Raise PublicError document_breaks_rule when a rule is broken; RulesUnavailable."""
        require_none(self.broken(forms))

    def close(self) -> None:
        """End the process, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter with our own module
                [sys.executable, "-m", __name__],
                cwd=_ROOT,
                # What Saxon or Python write when they fail could quote the document.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                # An interrupt from the terminal is for the service, which ends this process when it is done.
                start_new_session=True,
            )
        return self._process


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer questions until there are no more."""
    rules = Rules()
    while (question := _read(questions)) is not None:
        forms = msgspec.msgpack.decode(question, type=Forms)
        _write(answers, msgspec.msgpack.encode(rules.broken(forms)))


def _write(stream: IO[bytes], frame: bytes) -> None:
    stream.write(_LENGTH.pack(len(frame)) + frame)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    """Return the next frame; None at the end, and when the end comes within a frame."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(length)
    frame = stream.read(size)
    return frame if len(frame) == size else None


if __name__ == "__main__":
    # Nothing but answers goes to standard output, whatever a library prints.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, out)
