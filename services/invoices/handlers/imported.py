"""The ids of what is imported follow from its keys."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.crypto.envelope import blind_index


@dataclass(frozen=True, slots=True)
class ImportedNames:
    """Names customers and documents of one tenant.

    By a blind index: whoever reads the log without the tenant's index key cannot try out which keys, and so which
    numbers of another system, were imported. The index key keeps its one version, and so do the names.
    """

    tenant: str
    key: bytes = field(repr=False)
    """The tenant's index key, 32 bytes."""

    def customer(self, key: str) -> str:
        """Return the id of the customer who was, or is to be, imported under this key."""
        return self._id("imported.customers", key)

    def document(self, key: str) -> str:
        """Return the id of the document."""
        return self._id("imported.documents", key)

    def _id(self, kind: str, key: str) -> str:
        """Return a UUIDv8 (RFC 9562): 122 bits of the index."""
        return str(UUID(bytes=_marked(blind_index(self.key, kind, key))))


def _marked(index: bytes) -> bytes:
    version, variant = 0x80 | index[6] & 0x0F, 0x80 | index[8] & 0x3F
    return index[:6] + bytes((version, index[7], variant)) + index[9:]
