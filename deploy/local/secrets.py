"""Passwords and keys of a profile: made once, each in a file that only its owner can read."""

import secrets
from pathlib import Path

from deploy.local.account import private_file


def password(path: Path) -> str:
    """Return the password in this file; make one of 256 random bits first if there is none."""
    if not path.exists():
        private_file(path, secrets.token_urlsafe(32) + "\n", None)
    return path.read_text().strip()
