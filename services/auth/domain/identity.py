"""What identifies a person: the address that finds the account and the password that opens half of it."""

import unicodedata


def address_key(email: str) -> str:
    """Return the one spelling of an address: without surrounding space, NFKC, case folded."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def normal_password(password: str) -> str:
    """Return the password in NFKC (NIST SP 800-63B 3.1.1.2), the same from every keyboard."""
    return unicodedata.normalize("NFKC", password)
