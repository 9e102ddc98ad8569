"""Our end of the line to the peer's process."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
"""Made from requirements/bench.txt by `make bench-log`."""

# Its locks and notifications as they are out of the box, and its faster way that has to be asked for.
WAYS: Mapping[str, Mapping[str, str]] = {"default": {}, "functions": {"POSTGRES_ENABLE_DB_FUNCTIONS": "y"}}


class Contestant:
    """A running peer."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.version: str = self._answer()["version"]

    def connect(self, name: str, dsn: str, way: str) -> None:
        """Give it an empty database; from now on it is known by `name`."""
        parts = conninfo_to_dict(dsn)
        names = {"dbname": "DBNAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        database = {f"POSTGRES_{theirs}": str(parts[ours]) for ours, theirs in names.items()}
        self._order({"do": "connect", "name": name, "database": {**database, **WAYS[way]}})

    def append(self, name: str, count: int) -> float:
        """Let it append `count` events one by one; return the seconds."""
        return float(self._order({"do": "append", "name": name, "count": count})["seconds"])

    def replay(self, name: str) -> float:
        """Let it replay everything; return the seconds."""
        return float(self._order({"do": "replay", "name": name})["seconds"])

    def _order(self, order: Mapping[str, object]) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the peer ended; what it said is above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def contestant(python: Path = PYTHON) -> Iterator[Contestant | None]:
    """Run the peer; None where its environment was not made."""
    if not python.exists():
        yield None
        return
    command = [str(python), "-m", "tests.bench.peer"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield Contestant(process)
        finally:
            process.kill()
