"""Judging a proof of a factor, wherever one is asked for: at the login, for a step-up, before factors change."""

from services.auth.domain.factor import FactorKind, Offer
from services.auth.domain.proof import (
    METHODS,
    FirstProof,
    PasskeyAssertion,
    PasskeyRegistration,
    Proof,
    ProofOutcome,
    Proved,
    Purpose,
    RecoveryCode,
    TotpCode,
)
from services.auth.domain.user import User
from services.auth.handlers.passkeys import register, use_passkey
from services.auth.handlers.recovery import use_code
from services.auth.handlers.throttling import admit, record_lock
from services.auth.ports import Ports
from shared.eventstore.model import Author

_WRONG = Proved(ProofOutcome.WRONG)


def prove(ports: Ports, tenant: str, user_id: str, user: User, proof: Proof, *, purpose: Purpose) -> Proved:
    """Judge a proof by any of the user's factors and, when it holds, use it up before anything is granted.

    So one proof grants one thing, however many ask at once. The verdict is for the caller to record and then to
    require (`Proved.require_accepted`: `code_refused`, `code_reused`): a refused proof is history too. Every one counts
    in the throttle, whatever it was asked for; `too_many_attempts` when that is closed, before anything is judged.
    What an accepted proof uses up may be recorded in the user's stream: load the user again before appending there. A
    factor that was only offered proves nothing.
    """
    attempt = admit(ports, tenant, user.email, purpose.source)
    proved = _judged(ports, tenant, user_id, user, proof, purpose=purpose)
    if proved.accepted:
        ports.throttle.succeed(attempt, ports.clock.now())
    else:
        by = Author("anonymous", session=purpose.session, source=purpose.source)
        record_lock(ports, tenant, user_id, attempt, by=by)
    return proved


def _judged(ports: Ports, tenant: str, user_id: str, user: User, proof: Proof, *, purpose: Purpose) -> Proved:
    match proof:
        case TotpCode():
            factors = {factor.id: factor.material for factor in user.factors_of(FactorKind.TOTP)}
            return _by_code(ports, tenant, user_id, factors, proof)
        case RecoveryCode():
            return use_code(ports, tenant, user_id, proof, purpose)
        case PasskeyAssertion():
            return use_passkey(ports, tenant, user_id, user, proof, purpose=purpose)


def prove_offered(
    ports: Ports, tenant: str, user_id: str, offered: tuple[User, Offer], proof: FirstProof
) -> tuple[Proved, str]:
    """Judge the first proof of an offered factor; return the verdict and the material to check later proofs against."""
    _, offer = offered
    match offer.kind, proof:
        case FactorKind.TOTP, TotpCode():
            return _by_code(ports, tenant, user_id, {offer.factor_id: offer.material}, proof), offer.material
        case FactorKind.PASSKEY, PasskeyRegistration():
            return register(ports, tenant, user_id, offered, proof)
        case _:
            return _WRONG, offer.material


def _by_code(ports: Ports, tenant: str, user_id: str, factors: dict[str, str], proof: TotpCode) -> Proved:
    """Judge a code against authenticator apps by id, and use its step up."""
    now = ports.clock.now()
    # Every app is asked, so that the time taken does not tell which one the code is of.
    steps = {
        factor_id: ports.second_factor.step_of(tenant, user_id, material, proof.code, now)
        for factor_id, material in factors.items()
    }
    shown = [(factor_id, step) for factor_id, step in steps.items() if step is not None]
    if not shown:
        return _WRONG
    for factor_id, step in shown:
        if ports.code_uses.accept(tenant, factor_id, step):
            return Proved(ProofOutcome.ACCEPTED, (METHODS[FactorKind.TOTP],), factor_id, step)
    return Proved(ProofOutcome.REUSED)
