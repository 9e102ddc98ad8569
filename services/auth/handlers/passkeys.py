"""Asking for passkeys, judging what they answer, and using an answer up."""

from services.auth.domain.events import FactorCloned, PasskeyUsed
from services.auth.domain.factor import FactorKind, Offer
from services.auth.domain.passkey import CounterVerdict, ceremonies, is_change, passkeys_of, registration_of
from services.auth.domain.proof import (
    METHODS,
    PasskeyAssertion,
    PasskeyRegistration,
    ProofOutcome,
    Proved,
    Purpose,
)
from services.auth.domain.user import User
from services.auth.handlers.deciding import deciding_again
from services.auth.history import append_to_user, load_user
from services.auth.ports import Ports
from shared.eventstore.model import Author
from shared.eventstore.store import VersionConflict

_HELD = (METHODS[FactorKind.PASSKEY],)


def passkey_options(ports: Ports, tenant: str, user_id: str, user: User, purpose: Purpose) -> str | None:
    """Return what a browser needs to ask the user for a passkey, as JSON; None for a user who has none."""
    passkeys = passkeys_of(user)
    if not passkeys:
        return None
    newest, *_ = ceremonies(purpose, user, ports.clock.now())
    return ports.passkeys.options(tenant, user_id, newest, passkeys.values())


def registration_options(ports: Ports, tenant: str, user_id: str, user: User, factor_id: str) -> str:
    """Return what a browser needs to make the passkey that is offered under this id, as JSON."""
    known = passkeys_of(user).values()
    return ports.passkeys.registration_options(tenant, user_id, registration_of(factor_id), user.email, known)


def register(
    ports: Ports, tenant: str, user_id: str, offered: tuple[User, Offer], proof: PasskeyRegistration
) -> tuple[Proved, str]:
    """Judge the registration of an offered passkey; return the verdict and what later proofs are checked against."""
    user, offer = offered
    known = passkeys_of(user).values()
    made = ports.passkeys.register(tenant, user_id, registration_of(offer.factor_id), proof.response, known)
    if made is None:
        return Proved(ProofOutcome.WRONG), offer.material
    verdict = ports.passkey_counters.advance(tenant, offer.factor_id, made.sign_count, made.challenge)
    if verdict is not CounterVerdict.ADVANCED:
        return Proved(ProofOutcome.REUSED), offer.material
    return Proved(ProofOutcome.ACCEPTED, _HELD, offer.factor_id), made.material


def use_passkey(
    ports: Ports, tenant: str, user_id: str, user: User, proof: PasskeyAssertion, *, purpose: Purpose
) -> Proved:
    """Judge an assertion by any of the user's passkeys and, when it holds, use its challenge up."""
    expected = ceremonies(purpose, user, ports.clock.now())
    shown = ports.passkeys.judge(tenant, user_id, expected, passkeys_of(user), proof.response)
    if shown is None:
        return Proved(ProofOutcome.WRONG)
    match ports.passkey_counters.advance(tenant, shown.factor_id, shown.sign_count, shown.challenge):
        case CounterVerdict.REPEATED:
            return Proved(ProofOutcome.REUSED)
        case CounterVerdict.BACKWARDS:
            _record_clone(ports, tenant, user_id, shown.factor_id, purpose)
            return Proved(ProofOutcome.CLONED)
        case CounterVerdict.ADVANCED:
            return _used_up(ports, tenant, user_id, user, shown.factor_id, purpose=purpose)


def _used_up(ports: Ports, tenant: str, user_id: str, user: User, factor_id: str, *, purpose: Purpose) -> Proved:
    """Accept; for a change, only with an event at the very version that the challenge was made of.

    So the user's stream decides: of two callers with one assertion the second meets another version.
    """
    accepted = Proved(ProofOutcome.ACCEPTED, _HELD, factor_id)
    if not is_change(purpose):
        return accepted
    used = PasskeyUsed(factor_id=factor_id, purpose=purpose.kind.value)
    by = Author("person", user_id, _HELD, purpose.session, purpose.source)
    try:
        append_to_user(ports.log, tenant, (user_id, user.version), [used], by=by)
    except VersionConflict:
        return Proved(ProofOutcome.REUSED)
    return accepted


@deciding_again
def _record_clone(ports: Ports, tenant: str, user_id: str, factor_id: str, purpose: Purpose) -> None:
    """Record that a passkey has a copy; nothing when it was removed meanwhile."""
    user = load_user(ports.log, tenant, user_id)
    factor = None if user is None else next((each for each in user.factors if each.id == factor_id), None)
    if user is None or factor is None:
        return
    cloned = FactorCloned(factor_id=factor.id, kind=factor.kind.value, name=factor.name, purpose=purpose.kind.value)
    # Which of the two authenticators this was, nobody knows.
    by = Author("anonymous", session=purpose.session, source=purpose.source)
    append_to_user(ports.log, tenant, (user_id, user.version), [cloned], by=by)
