"""Recovery codes: look-up secrets (NIST SP 800-63B-4 3.1.2) for who has lost every factor.

Ten of 120 bits each, from a secure random source; that is more than the 112 bits from which a look-up secret needs no
throttle of its own (it has one all the same). They are given out when the enrolment is complete, so none exists before
a second factor stands, and each works once.
"""

import base64
import re
import secrets

CODES = 10
_BYTES = 15
_GROUP = 4
_SEPARATORS = re.compile(r"[\s-]")


def new_codes() -> list[str]:
    """Return ten codes as they are shown: 24 letters and digits of base32 (RFC 4648) in groups of four."""
    return [_shown(base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()) for _ in range(CODES)]


def normal_code(shown: str) -> str:
    """Return a code without regard to groups, spaces and capitals."""
    return _SEPARATORS.sub("", shown).lower()


def _shown(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
