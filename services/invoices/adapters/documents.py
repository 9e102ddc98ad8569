"""Documents in PostgreSQL: sealed under a subject's key, found by the SHA-256 of what is in them, never changed."""

from hashlib import sha256

from psycopg.rows import tuple_row

from shared.crypto.envelope import open_sealed, seal
from shared.crypto.keyring import Keyring
from shared.eventstore.pool import Pool
from shared.eventstore.session import fetch_bound

_PUT = """
    INSERT INTO app.documents (tenant, digest, key, sealed) VALUES (%s, %s, %s, %s)
    ON CONFLICT (tenant, digest, key) DO NOTHING RETURNING digest
"""
_GET = "SELECT key::text, sealed FROM app.documents WHERE tenant = %s AND digest = %s AND key = ANY(%s::uuid[])"


class PostgresDocuments:
    """Keeps documents in `app.documents`."""

    def __init__(self, pool: Pool, keyring: Keyring) -> None:
        self._pool, self._keyring = pool, keyring

    def put(self, tenant: str, subject: str, content: bytes) -> str:
        """Store a document for good and return its digest."""
        digest = sha256(content).hexdigest()
        dek = self._keyring.dek_for(tenant, subject)
        sealed = seal(dek.key, content, _place(tenant, digest))
        # Doing nothing when it is there already loses nothing: under one key the same digest means the same content.
        fetch_bound(self._pool, tenant, _PUT, (tenant, bytes.fromhex(digest), dek.key_id, sealed), tuple_row)
        return digest

    def get(self, tenant: str, subject: str, digest: str) -> bytes | None:
        """Return what was stored for the subject; None when it is not there. Raises KeyShredded, SealBroken."""
        # Of one subject alone: the same file may be stored for somebody else, who is forgotten at another time.
        keys = self._keyring.key_ids(tenant, subject)
        rows = fetch_bound(self._pool, tenant, _GET, (tenant, bytes.fromhex(digest), keys), tuple_row)
        if not rows:
            return None
        key_id, sealed = rows[0]
        return open_sealed(self._keyring.dek(tenant, key_id), sealed, _place(tenant, digest))


def _place(tenant: str, digest: str) -> bytes:
    """Associated data: a sealed document does not open in another row's place."""
    return f"tallystick/v1/document\n{tenant}\n{digest}".encode("ascii")
