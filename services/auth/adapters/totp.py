"""TOTP (RFC 6238: SHA-1, six digits, 30 seconds, which is what every authenticator app implements)."""

import base64
import hmac
from datetime import datetime

import pyotp

from services.auth.ports import FactorOffer
from shared.crypto.envelope import open_sealed, seal

ISSUER = "Tallystick"


class TotpFactor:
    """Keeps secrets sealed under a key of its own, inside events that are sealed under the user's key."""

    def __init__(self, factor_key: bytes) -> None:
        self._key = factor_key

    def offer(self, tenant: str, user_id: str, account: str) -> FactorOffer:
        """Make a secret of 160 bits (RFC 4226 section 4, R6)."""
        secret = pyotp.random_base32()
        sealed = seal(self._key, secret.encode(), self._place(tenant, user_id))
        uri = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)
        return FactorOffer(sealed=base64.b64encode(sealed).decode(), provisioning_uri=uri)

    def step_of(self, tenant: str, user_id: str, sealed: str, code: str, moment: datetime) -> int | None:
        """Return the step, current or previous, whose code this is, else None; SealBroken for a foreign secret.

        One step back, for the time it takes to type (RFC 6238 section 5.2); none ahead. All steps are compared, so
        the time taken does not tell which one matched.
        """
        secret = open_sealed(self._key, base64.b64decode(sealed), self._place(tenant, user_id)).decode()
        totp = pyotp.TOTP(secret)
        shown = "".join(code.split()).encode()
        current = totp.timecode(moment)
        matching = [
            step for step in (current - 1, current) if hmac.compare_digest(shown, str(totp.generate_otp(step)).encode())
        ]
        return max(matching, default=None)

    @staticmethod
    def _place(tenant: str, user_id: str) -> bytes:
        return f"tallystick/v1/auth/factor/{tenant}/{user_id}".encode()
