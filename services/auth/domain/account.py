"""What the holder of an active account changes about it; each change follows a proof of what remains."""

from dataclasses import replace
from datetime import datetime

from services.auth.domain.events import FactorAdded, FactorOffered, FactorRemoved, OfferProofRefused
from services.auth.domain.factor import Factor, Offer
from services.auth.domain.proof import Proved
from services.auth.domain.user import User, UserState
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.clock import to_rfc3339


def require_active(user: User | None) -> User:
    """Return a user who may change their account; `token_invalid` for one who is forgotten or not active any more."""
    if user is None or user.state is not UserState.ACTIVE:
        raise PublicError(ErrorCode.TOKEN_INVALID, "this account is not active")
    return user


def offer_factor(offer: Offer) -> FactorOffered:
    """Record a factor that is offered."""
    return FactorOffered(
        factor_id=offer.factor_id,
        kind=offer.kind.value,
        name=offer.name,
        material=offer.material,
        ticket_hash=offer.ticket_hash,
        expires_at=to_rfc3339(offer.ends),
    )


def conclude_offer(offer: Offer, material: str, proved: Proved, now: datetime) -> FactorAdded | OfferProofRefused:
    """Turn the verdict on the first proof into what is recorded; `require_offered` comes first."""
    if not proved.accepted:
        return OfferProofRefused(reason=proved.outcome.value)
    return FactorAdded(
        factor_id=offer.factor_id,
        kind=offer.kind.value,
        name=offer.name,
        material=material,
        added_at=to_rfc3339(now),
        step=proved.step,
    )


def require_removable(user: User, factor_id: str) -> Factor:
    """Return one of the user's factors that is not the last; `factor_unknown`, `factor_last`."""
    found = next((factor for factor in user.factors if factor.id == factor_id), None)
    if found is None:
        raise PublicError(ErrorCode.FACTOR_UNKNOWN, "you have no such factor")
    if len(user.factors) == 1:
        raise PublicError(ErrorCode.FACTOR_LAST, "this is your only factor: add another first")
    return found


def without(user: User, factor: Factor) -> User:
    """Return the user as if they did not have the factor: what it proves does not count for its own removal."""
    return replace(user, factors=tuple(each for each in user.factors if each.id != factor.id))


def remove_factor(factor: Factor) -> FactorRemoved:
    """Record that a factor is removed; `require_removable` comes first."""
    return FactorRemoved(factor_id=factor.id, kind=factor.kind.value, name=factor.name)
