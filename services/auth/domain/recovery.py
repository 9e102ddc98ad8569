"""Recovery codes: look-up secrets (NIST SP 800-63B-4 3.1.2) for who has lost every factor.

Ten of 136 bits each, from a secure random source: more than the 112 bits from which a look-up secret needs no throttle
of its own (it has one all the same), and more than the 128 of ASVS 5.0, 11.5.1. They are given out when the enrolment
is complete, so none exists before a second factor stands, and each works once. Those of another length that were given
out stay good, because what is compared is a hash of what was shown.
"""

import base64
import re
import secrets

CODES = 10
_BYTES = 17
_GROUP = 4
_SEPARATORS = re.compile(r"[\s-]")


def new_codes() -> list[str]:
    """Return ten codes as they are shown: 28 letters and digits of base32 (RFC 4648) in groups of four."""
    return [_shown(base64.b32encode(secrets.token_bytes(_BYTES)).decode().rstrip("=").lower()) for _ in range(CODES)]


def normal_code(shown: str) -> str:
    """Return a code without regard to groups, spaces and capitals."""
    return _SEPARATORS.sub("", shown).lower()


def _shown(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
