"""Base64 in its one spelling (RFC 4648 section 4), as notes, checkpoints and proofs write bytes."""

import base64
import binascii


def to_base64(data: bytes) -> str:
    """Return the standard alphabet, padded."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Return the bytes; ValueError for anything that `to_base64` would not have written.

    Unused bits in the last character must be zero: one value has one spelling, so no bit of a note is free to change.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise ValueError("malformed base64") from None
    if to_base64(data) != text:
        raise ValueError("malformed base64")
    return data
