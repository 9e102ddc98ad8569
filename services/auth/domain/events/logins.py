"""What is remembered about one attempt to log in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoginBegun:
    """The password was right; a code is awaited."""

    user_id: str
    challenge_hash: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Address and password opened nothing; `reason` is for the auditor only, never for the caller."""

    reason: str


@dataclass(frozen=True, slots=True)
class LoginProofRefused:
    """The password was right, a proof of the second factor wrong or used before; `reason` is a `ProofOutcome`."""

    user_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class LoginSucceeded:
    """Both factors were shown."""

    user_id: str
    method: str
    """RFC 8176 name of what was shown besides the password."""
    factor_id: str
    """Empty for a recovery code."""
    step: int
    """The TOTP time step of the accepted code; -1 for another kind of proof."""


LoginEvent = LoginBegun | LoginRefused | LoginProofRefused | LoginSucceeded
