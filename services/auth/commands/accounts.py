"""Commands of a person about their own account."""

from dataclasses import dataclass, field

from services.auth.domain.factor import FactorKind
from services.auth.domain.proof import FirstProof, Proof, PurposeKind


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Show the present password and a proof, choose another password."""

    current_password: str = field(repr=False)
    password: str = field(repr=False)
    proof: Proof


@dataclass(frozen=True, slots=True)
class RenewRecoveryCodes:
    """Show the password and a proof, ask for new recovery codes in place of the earlier ones."""

    current_password: str = field(repr=False)
    proof: Proof


@dataclass(frozen=True, slots=True)
class BeginFactor:
    """Show the password and a proof, ask for another factor."""

    current_password: str = field(repr=False)
    name: str
    proof: Proof
    kind: FactorKind = FactorKind.TOTP


@dataclass(frozen=True, slots=True)
class CompleteFactor:
    """Prove the offered factor."""

    offer: str = field(repr=False)
    proof: FirstProof


@dataclass(frozen=True, slots=True)
class AskPasskey:
    """Ask for what a passkey has to sign before the next change of this kind."""

    purpose: PurposeKind


@dataclass(frozen=True, slots=True)
class RemoveFactor:
    """Show the password and a proof by what remains, give up a factor."""

    current_password: str = field(repr=False)
    factor_id: str
    proof: Proof
