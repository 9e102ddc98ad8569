"""The words of the form itself, one catalogue for each language."""

import tomllib
from functools import cache
from pathlib import Path

FALLBACK = "en"
_FOLDER = Path(__file__).parent / "texts"


@cache
def languages() -> frozenset[str]:
    """Return the languages that documents can be written in, ISO 639-1."""
    return frozenset(path.stem for path in _FOLDER.glob("*.toml"))


@cache
def texts_in(language: str) -> dict[str, str]:
    """Return the words by name; English ones for a language that has no catalogue."""
    chosen = language if language in languages() else FALLBACK
    return {name: str(words) for name, words in tomllib.loads((_FOLDER / f"{chosen}.toml").read_text("utf-8")).items()}
