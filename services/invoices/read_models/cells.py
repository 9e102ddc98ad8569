"""Sealed cells of read models: nothing readable at rest, and byte for byte the same after a replay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.crypto.envelope import seal_deterministic
from shared.crypto.keyring import Keyring


@dataclass(frozen=True, slots=True)
class SealedCell:
    """What a row holds instead of its content."""

    key: str
    """Id of the DEK."""
    sealed: bytes


class Cells:
    """Seals and opens the cells of one tenant's rows under the keys of the customers they are about."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def seal(self, table: str, tenant: str, row: str, key: str, content: Mapping[str, object]) -> SealedCell:
        """Seal the content of a row; `key` is the DEK of the event that changed it last. Raises KeyShredded.

        Not the subject's newest key: a replay after a rotation must give the same bytes.
        """
        dek = self._keyring.dek(tenant, key)
        # Sorted: equal content must be equal bytes.
        plain = msgspec.json.encode(content, order="sorted")
        return SealedCell(key, seal_deterministic(dek, plain, _place(table, tenant, row)))

    def open(self, table: str, tenant: str, row: str, cell: SealedCell) -> dict[str, Any]:
        """Open the content of a row. Raises KeyShredded, SealBroken."""
        plain = self._keyring.opener(tenant, cell.key).open(cell.sealed, _place(table, tenant, row))
        content: dict[str, Any] = msgspec.json.decode(plain)
        return content

    def load(self, tenant: str, keys: Iterable[str]) -> None:
        """Read keys in one go that many cells are about to be opened with."""
        self._keyring.load(tenant, set(keys))


def _place(table: str, tenant: str, row: str) -> bytes:
    """Associated data: a cell that is moved to another row, table or tenant does not open."""
    return f"tallystick/v1/read-model\n{table}\n{tenant}\n{row}".encode("ascii")
