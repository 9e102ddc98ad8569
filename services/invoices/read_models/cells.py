"""Sealed cells of read models: nothing readable at rest, and byte for byte the same after a replay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.crypto.envelope import Opener, seal_deterministic
from shared.crypto.keyring import Keyring, KeyShredded


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

    def open_each(
        self, table: str, tenant: str, cells: Sequence[tuple[str, str, bytes]]
    ) -> Iterator[dict[str, Any] | None]:
        """Open the contents of many rows, each given as row, key and sealed content, one after the other as asked for.

        None in place of what a destroyed key sealed. Raises SealBroken.
        """
        keys = {key for _, key, _ in cells}
        self._keyring.load(tenant, keys)
        openers = {key: self._opener(tenant, key) for key in keys}
        for row, key, sealed in cells:
            opener = openers[key]
            yield None if opener is None else msgspec.json.decode(opener.open(sealed, _place(table, tenant, row)))

    def _opener(self, tenant: str, key: str) -> Opener | None:
        try:
            return self._keyring.opener(tenant, key)
        except KeyShredded:
            return None


def _place(table: str, tenant: str, row: str) -> bytes:
    """Associated data: a cell that is moved to another row, table or tenant does not open."""
    return f"tallystick/v1/read-model\n{table}\n{tenant}\n{row}".encode("ascii")
