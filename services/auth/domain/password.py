"""Which passwords may be chosen: long, not known to guessers, and not made of what everybody knows about the person.

NIST SP 800-63B-4 3.1.1.2 and OWASP ASVS 5.0 6.2: no rule asks for digits, capitals or signs, none expires.
"""

import re
from collections.abc import Iterable

from services.auth.domain.identity import normal_password
from shared.contracts.errors import ErrorCode, PublicError

PASSWORD_MINIMUM = 12
PASSWORD_MAXIMUM = 128
PRODUCT_WORDS = ("tallystick", "invoice", "invoices", "password", "passwort")
"""Words that are near whoever uses this product."""
SHORTEST_WORD = 4
"""Characters from which a word about the person counts; shorter ones are in every sentence."""
REMAINDER = 8
"""Characters that must be left of a password once the words that everybody knows are taken out of it."""
_WORD = re.compile(r"\w+")


def context_words(*texts: str) -> frozenset[str]:
    """Return the words in what everybody knows: the person's name and address, the name of the business."""
    words = {word for text in texts for word in _WORD.findall(normal_password(text).casefold())}
    return frozenset(word for word in words if len(word) >= SHORTEST_WORD)


def require_suitable(password: str, *, known: Iterable[str], common: bool) -> None:
    """Refuse a new password with `password_unsuitable` and the reason.

    `known` are words that everybody knows (`context_words`); `common`: it is on the list of common and breached ones.
    """
    shown = normal_password(password)
    if not PASSWORD_MINIMUM <= len(shown) <= PASSWORD_MAXIMUM:
        raise _unsuitable(f"a password has {PASSWORD_MINIMUM} to {PASSWORD_MAXIMUM} characters")
    if common:
        raise _unsuitable("this password is on lists of common and breached ones: guessers try it first")
    left = shown.casefold()
    for word in sorted({*known, *PRODUCT_WORDS}, key=len, reverse=True):
        left = left.replace(word, "")
    if len(left) < REMAINDER:
        raise _unsuitable("this password is made of names that everybody knows: yours, the business's, the product's")


def _unsuitable(why: str) -> PublicError:
    return PublicError(ErrorCode.PASSWORD_UNSUITABLE, why)
