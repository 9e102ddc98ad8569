"""Exact search over sealed text: equal texts have equal blind indexes, and nothing else can be told from them."""

import unicodedata

from shared.crypto.envelope import blind_index
from shared.crypto.keyring import Keyring

NAME, EMAIL, NUMBER, ITEM = "customers.name", "customers.email", "numbers.number", "items.number"
"""The columns; the same text in two of them does not give the same index."""
REFERENCES = "buyer_reference", "order_reference", "contract_reference", "project_reference", "external_reference"
"""What a document is found by besides its number: BT-10, BT-13, BT-12, BT-11, and its name in an earlier system."""


def normal(text: str) -> str:
    """Return what counts as the same text: compatibility forms, case and white space make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class SearchIndex:
    """Blind indexes under the tenant's index key, which a rotation leaves alone unless a rebuild follows."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def of(self, tenant: str, column: str, text: str) -> bytes:
        """Return 16 bytes; raises as `Keyring.index_key`."""
        return blind_index(self._keyring.index_key(tenant), column, normal(text))

    def of_reference(self, tenant: str, name: str, text: str) -> bytes:
        """Return as `of` for one of `REFERENCES`."""
        return self.of(tenant, f"references.{name}", text)
