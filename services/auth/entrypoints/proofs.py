"""Proofs as requests carry them (shared.contracts.proof)."""

from typing import Any

from services.auth.domain.proof import FirstProof, PasskeyAssertion, PasskeyRegistration, Proof, RecoveryCode, TotpCode
from services.auth.replies import Setup


def take_proof(request: dict[str, Any]) -> Proof:
    """Take the one proof out of a checked request; what remains are the command's own fields."""
    if "code" in request:
        return TotpCode(request.pop("code"))
    if "recovery_code" in request:
        return RecoveryCode(request.pop("recovery_code"))
    return PasskeyAssertion(request.pop("passkey"))


def take_first_proof(request: dict[str, Any]) -> FirstProof:
    """Take the first proof of an offered factor out of a checked request."""
    if "code" in request:
        return TotpCode(request.pop("code"))
    return PasskeyRegistration(request.pop("passkey"))


def passkey_field(options: str | None) -> dict[str, Any]:
    """Return the part of a reply that asks for a passkey; nothing where there is none to ask."""
    return {"passkey_options": options} if options else {}


def setup_fields(setup: Setup) -> dict[str, Any]:
    """Return the part of a reply that an offered factor is made with."""
    uri = {"provisioning_uri": setup.provisioning_uri} if setup.provisioning_uri else {}
    return {**uri, **passkey_field(setup.passkey_options)}
