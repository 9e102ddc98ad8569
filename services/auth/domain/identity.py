"""What identifies a person: the address that finds the account and the password that opens half of it."""

import unicodedata

from shared.contracts.errors import ErrorCode, PublicError

PASSWORD_MINIMUM = 12
PASSWORD_MAXIMUM = 128


def address_key(email: str) -> str:
    """Return the one spelling of an address: without surrounding space, NFKC, case folded."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def normal_password(password: str) -> str:
    """Return the password in NFKC (NIST SP 800-63B 3.1.1.2), the same from every keyboard."""
    return unicodedata.normalize("NFKC", password)


def require_suitable(password: str) -> None:
    """Refuse a new password of fewer than 12 or more than 128 characters: `password_unsuitable`."""
    if not PASSWORD_MINIMUM <= len(normal_password(password)) <= PASSWORD_MAXIMUM:
        raise PublicError(
            ErrorCode.PASSWORD_UNSUITABLE,
            f"a password has {PASSWORD_MINIMUM} to {PASSWORD_MAXIMUM} characters",
        )
