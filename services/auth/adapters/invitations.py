"""Secrets of invitations, derived instead of stored."""

import hmac


class DerivedInvitations:
    """HMAC-SHA256 of tenant and subject: without the key they look like any 32 random bytes."""

    def __init__(self, invitation_key: bytes) -> None:
        self._key = invitation_key

    def secret(self, tenant: str, subject: str) -> bytes:
        """Return 32 bytes, the same for the same subject."""
        return hmac.digest(self._key, f"{tenant}/{subject}".encode(), "sha256")
