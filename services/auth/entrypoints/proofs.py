"""Proofs as requests carry them (shared.contracts.proof)."""

from typing import Any

from services.auth.domain.proof import PasskeyAssertion, Proof, RecoveryCode, TotpCode


def take_proof(request: dict[str, Any]) -> Proof:
    """Take the one proof out of a checked request; what remains are the command's own fields."""
    if "code" in request:
        return TotpCode(request.pop("code"))
    if "recovery_code" in request:
        return RecoveryCode(request.pop("recovery_code"))
    return PasskeyAssertion(request.pop("passkey"))
