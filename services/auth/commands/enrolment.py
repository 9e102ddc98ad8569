"""Commands of a person who enrols."""

from dataclasses import dataclass, field

from services.auth.domain.factor import FactorKind
from services.auth.domain.proof import FirstProof


@dataclass(frozen=True, slots=True)
class BeginEnrolment:
    """Choose a password and ask for a second factor."""

    invitation: str = field(repr=False)
    password: str = field(repr=False)
    kind: FactorKind = FactorKind.TOTP


@dataclass(frozen=True, slots=True)
class CompleteEnrolment:
    """Prove the second factor."""

    enrolment: str = field(repr=False)
    proof: FirstProof
