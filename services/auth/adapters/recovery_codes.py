"""Recovery codes as they are kept: by keyed hash."""

import hmac

from services.auth.domain.recovery import normal_code


class HashedRecoveryCodes:
    """HMAC-SHA256 under a key that is in no database: who reads the whole history cannot even test a guess."""

    def __init__(self, recovery_key: bytes) -> None:
        self._key = recovery_key

    def hash(self, tenant: str, user_id: str, code: str) -> str:
        """Return 64 hex digits; the code is bound to its user, and read as `normal_code` says."""
        place = f"{tenant}/{user_id}/{normal_code(code)}"
        return hmac.digest(self._key, place.encode("utf-8", "surrogatepass"), "sha256").hex()

    def index_of(self, tenant: str, user_id: str, code: str, hashes: tuple[str, ...]) -> int | None:
        """Return which of the hashes is the code's, else None. All are compared, in constant time each."""
        shown = self.hash(tenant, user_id, code)
        matching = [index for index, known in enumerate(hashes) if hmac.compare_digest(shown, known)]
        return matching[0] if matching else None
