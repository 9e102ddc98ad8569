"""docs/asvs.md: every requirement of five chapters once, and tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "asvs.md").read_text("utf-8")
# How many requirements each section of ASVS 5.0.0 has.
SECTIONS = {
    6: (3, 12, 8, 6, 8, 4, 2, 4),
    7: (3, 4, 2, 5, 3, 2),
    8: (4, 4, 3, 2),
    9: (3, 4),
    11: (4, 5, 5, 4, 2, 2, 2),
}
STATUSES = {"met", "in part", "gap", "does not apply"}
_ROW = re.compile(r"^\| ([\d.]+) \| ([123]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_MISSING = re.compile(r"^\| ([\d., ]+) \| [12] \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_requirement_is_there_once_with_a_status() -> None:
    expected = [
        f"{chapter}.{section}.{number}"
        for chapter, counts in SECTIONS.items()
        for section, count in enumerate(counts, start=1)
        for number in range(1, count + 1)
    ]
    rows = _ROW.findall(TEXT)
    assert [row[0] for row in rows] == expected
    assert {row[3] for row in rows} <= STATUSES


def test_every_test_that_is_named_exists() -> None:
    named = _TEST.findall(TEXT)
    assert len(named) > 100
    sources = {path: (ROOT / "tests" / path).read_text("utf-8") for path, _ in named}
    defined = {path: set(re.findall(r"^(?:def )?(\w+)", text, re.MULTILINE)) for path, text in sources.items()}
    missing = [f"{path}::{name}" for path, name in named if name not in defined[path]]
    assert missing == []


def test_what_levels_1_and_2_lack_is_said_at_the_top() -> None:
    lacking = {row[0] for row in _ROW.findall(TEXT) if row[1] in "12" and row[3] in {"in part", "gap"}}
    assert {each for row in _MISSING.findall(TEXT) for each in row.split(", ")} == lacking


def test_what_is_met_in_code_names_a_test() -> None:
    # What is met because something is not there at all, or because a document says it, has nothing to be run.
    untested = {row[0] for row in _ROW.findall(TEXT) if row[3] == "met" and not _TEST.search(row[5])}
    assert untested == {"6.2.7", "6.2.10", "6.4.2", "8.1.3", "8.1.4", "11.1.4", "11.5.2"}
