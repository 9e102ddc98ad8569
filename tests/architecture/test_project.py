"""What holds for every file: size, names, and that the project speaks of itself only."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 320


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_python_file_outgrows_its_room() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in tracked("*.py")}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST} == {}


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [path for path in tracked("*.py") if vague & {part.removesuffix(".py") for part in path.parts}] == []


def test_locked_requirements_carry_hashes_and_no_address() -> None:
    locks = tracked("requirements/*.txt")
    assert locks
    for lock in locks:
        text = lock.read_text("utf-8")
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text), lock
        pins = re.findall(r"^[a-z0-9][^\s=]*==[^\s]+(.*)$", text, re.MULTILINE)
        assert pins, lock
        assert all(pin.rstrip().endswith("\\") for pin in pins), lock


def test_projections_read_on_a_cursor_of_their_own() -> None:
    # On the one that wrote before, the answer to that could be taken for what was asked.
    read_on = re.compile(r"\bcursor\.execute\([^\n]*\)\.fetch")
    assert read_on.search("row = cursor.execute(_ONE, (tenant,)).fetchone()")
    found = tracked("services/*/read_models/*.py")
    assert found
    assert [path for path in found if read_on.search(path.read_text("utf-8"))] == []
