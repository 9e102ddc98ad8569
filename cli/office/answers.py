"""Answers as YAML: for people to read, and to change and send back."""

from collections.abc import Mapping
from typing import Any

import yaml

_BESIDE = ("receipt",)
"""The proof of an answer: with --json."""


def as_file(reply: Mapping[str, Any]) -> str:
    """Return an answer as a YAML file; what is not plainly visible is escaped in it."""
    said = {name: value for name, value in reply.items() if name not in _BESIDE}
    text = _dumped(said, plainly=True)
    return text if text.replace("\n", "").isprintable() else _dumped(said, plainly=False)


def _dumped(said: Mapping[str, Any], *, plainly: bool) -> str:
    text: str = yaml.safe_dump(said, allow_unicode=plainly, sort_keys=False, width=4096)
    return text
