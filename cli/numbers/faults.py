"""What must never be in a register of numbers, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

_FAULTS = {
    "missing": "there is no number",
    "misnumbered": "the number is not the one that follows",
    "double": "another document has the same number",
}


def said_of(faults: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each fault of `number_register`."""
    return [f"place {fault['place']}: {_FAULTS[fault['kind']]}" for fault in faults]
