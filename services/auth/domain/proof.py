"""Proofs of a factor, the verdict on one, and how many refused ones are borne."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from services.auth.domain.factor import FactorKind
from shared.contracts.errors import ErrorCode, PublicError

PROOF_LIMIT = 5
"""Refused proofs that one enrolment, one offered factor or one challenge bears."""

PASSWORD_METHOD = "pwd"  # noqa: S105 - the name of a method
RECOVERY_METHOD = "rec"
"""A look-up secret (NIST SP 800-63B-4 3.1.2): something held. RFC 8176 has no name for it."""
METHODS: Mapping[FactorKind, str] = MappingProxyType({FactorKind.TOTP: "otp", FactorKind.PASSKEY: "hwk"})
"""The RFC 8176 name of what a proof by each kind of factor shows."""


@dataclass(frozen=True, slots=True)
class TotpCode:
    """Six digits of an authenticator app."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """One of the codes that were shown at the end of the enrolment."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasskeyAssertion:
    """What an authenticator answered to a challenge: the JSON of WebAuthn's AuthenticationResponse."""

    response: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasskeyRegistration:
    """What an authenticator answered when a passkey was made: the JSON of WebAuthn's RegistrationResponse."""

    response: str = field(repr=False)


Proof = TotpCode | RecoveryCode | PasskeyAssertion
FirstProof = TotpCode | PasskeyRegistration
"""Of a factor that was offered."""


class PurposeKind(StrEnum):
    """What a factor is proved for."""

    LOGIN = "login"
    STEP_UP = "step_up"
    FACTORS = "factors"
    PASSWORD = "password"  # noqa: S105 - a purpose, not a secret


@dataclass(frozen=True, slots=True)
class Purpose:
    """What exactly is proved for: a passkey signs a challenge that is made of this, so it proves nothing else."""

    kind: PurposeKind
    reference: str
    """Id of the login, of the step-up, or of the session in which something is changed."""
    session: str | None = None
    """The session (for a login: the one that it opens) and where the person is, as events are to remember them."""
    source: str | None = None


class ProofOutcome(StrEnum):
    """What became of a proof."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    REUSED = "reused"
    CLONED = "cloned"
    """The passkey's sign counter went backwards: somebody has a copy."""


@dataclass(frozen=True, slots=True)
class Proved:
    """The verdict on one proof."""

    outcome: ProofOutcome
    amr: tuple[str, ...] = ()
    """RFC 8176 names of what was shown besides the password; empty unless accepted."""
    factor_id: str = ""
    """Of the factor that was proved; empty for a recovery code."""
    step: int = -1
    """The TOTP time step of an accepted code."""

    @property
    def accepted(self) -> bool:
        """Whether a factor was proved."""
        return self.outcome is ProofOutcome.ACCEPTED

    def refusal(self) -> PublicError:
        """Return what is said of a proof that was not accepted: `code_refused` or `code_reused`."""
        if self.outcome is ProofOutcome.REUSED:
            return PublicError(
                ErrorCode.CODE_REUSED, "this proof was used before: wait for the next code, or begin anew"
            )
        return PublicError(ErrorCode.CODE_REFUSED, "the proof of the factor was not accepted")

    def require_accepted(self) -> None:
        """Raise the refusal unless the proof was accepted."""
        if not self.accepted:
            raise self.refusal()
