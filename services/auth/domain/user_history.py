"""What each event makes of a user. An event that cannot follow stops the fold: nothing is guessed about an account."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from services.auth.domain.events import (
    AuthEvent,
    BreakGlassUsed,
    EnrolmentBegun,
    EnrolmentProofRefused,
    FactorAdded,
    FactorCloned,
    FactorOffered,
    FactorRemoved,
    FactorResetEnded,
    FactorResetRequested,
    FactorsReset,
    NewDeviceSeen,
    OfferProofRefused,
    PasskeyUsed,
    PasswordChanged,
    PasswordRehashed,
    ProofRefused,
    RecoveryCodesIssued,
    RecoveryCodeUsed,
    RoleAssigned,
    UserDisabled,
    UserEnabled,
    UserEnrolled,
    UserInvited,
    UserLocked,
    UserSessionsEnded,
    UserUnlocked,
)
from services.auth.domain.factor import Factor, FactorKind, Offer
from services.auth.domain.user import Reset, User, UserState
from shared.kernel.clock import from_rfc3339


class _Impossible(Exception):
    """An event that cannot follow."""


def _require(*, holds: bool) -> None:
    if not holds:
        raise _Impossible


def _invited(event: UserInvited) -> User:
    return User(
        version=0,
        state=UserState.INVITED,
        name=event.name,
        email=event.email,
        role=event.role,
        invitation_hash=event.invitation_hash,
        invitation_ends=from_rfc3339(event.expires_at),
    )


def _enrolment_begun(user: User, event: EnrolmentBegun) -> User:
    _require(holds=user.state in {UserState.INVITED, UserState.ENROLLING})
    offer = Offer(
        factor_id=event.factor_id,
        kind=FactorKind(event.kind),
        name=event.name,
        ticket_hash=event.enrolment_hash,
        ends=from_rfc3339(event.expires_at),
        material=event.material,
    )
    return replace(user, state=UserState.ENROLLING, password_hash=event.password_hash, offer=offer)


def _enrolment_proof_refused(user: User, _: EnrolmentProofRefused) -> User:
    _require(holds=user.state is UserState.ENROLLING)
    return _offer_refused(user)


def _offer_refused(user: User) -> User:
    if user.offer is None:
        raise _Impossible
    return replace(user, offer=replace(user.offer, proofs_refused=user.offer.proofs_refused + 1))


def _enrolled(user: User, event: UserEnrolled) -> User:
    _require(holds=user.state is UserState.ENROLLING)
    factor = _factor(event)
    enrolled_at = user.enrolled_at or factor.added_at
    return replace(user, state=UserState.ACTIVE, enrolled_at=enrolled_at, factors=(factor,), offer=None)


def _recovery_codes_issued(user: User, event: RecoveryCodesIssued) -> User:
    _require(holds=user.state is UserState.ACTIVE)
    return replace(user, recovery_hashes=tuple(event.hashes.split()), recovery_used=frozenset())


def _recovery_code_used(user: User, event: RecoveryCodeUsed) -> User:
    _require(holds=0 <= event.index < len(user.recovery_hashes) and event.index not in user.recovery_used)
    return replace(user, recovery_used=user.recovery_used | {event.index})


def _factor_offered(user: User, event: FactorOffered) -> User:
    _require(holds=user.state is UserState.ACTIVE)
    offer = Offer(
        factor_id=event.factor_id,
        kind=FactorKind(event.kind),
        name=event.name,
        ticket_hash=event.ticket_hash,
        ends=from_rfc3339(event.expires_at),
        material=event.material,
    )
    return replace(user, offer=offer)


def _offer_proof_refused(user: User, _: OfferProofRefused) -> User:
    _require(holds=user.state is UserState.ACTIVE)
    return _offer_refused(user)


def _factor_added(user: User, event: FactorAdded) -> User:
    _require(holds=user.state is UserState.ACTIVE)
    return replace(user, factors=(*user.factors, _factor(event)), offer=None)


def _factor_removed(user: User, event: FactorRemoved) -> User:
    remaining = tuple(factor for factor in user.factors if factor.id != event.factor_id)
    _require(holds=0 < len(remaining) < len(user.factors))
    return replace(user, factors=remaining)


def _password_changed(user: User, event: PasswordChanged | PasswordRehashed) -> User:
    _require(holds=user.state is UserState.ACTIVE)
    return replace(user, password_hash=event.password_hash)


def _factor(event: UserEnrolled | FactorAdded) -> Factor:
    return Factor(
        id=event.factor_id,
        kind=FactorKind(event.kind),
        name=event.name,
        added_at=from_rfc3339(event.added_at),
        material=event.material,
    )


def _role_assigned(user: User, event: RoleAssigned) -> User:
    return replace(user, role=event.role)


def _new_device_seen(user: User, event: NewDeviceSeen) -> User:
    return replace(user, sources=user.sources | {event.source})


def _disabled(user: User, _: UserDisabled) -> User:
    _require(holds=user.state is not UserState.DISABLED)
    return replace(user, state=UserState.DISABLED, offer=None)


def _enabled(user: User, _: UserEnabled) -> User:
    _require(holds=user.state is UserState.DISABLED)
    return replace(user, state=UserState.ACTIVE if user.factors else UserState.INVITED)


def _reset_requested(user: User, event: FactorResetRequested) -> User:
    return replace(user, reset=Reset(event.request_id, event.requested_by, event.reason, event.expires_at))


def _reset_ended(user: User, event: FactorResetEnded) -> User:
    _require(holds=user.reset is not None and user.reset.request_id == event.request_id)
    return replace(user, reset=None)


def _factors_reset(user: User, event: FactorsReset) -> User:
    return replace(
        user,
        state=UserState.INVITED,
        invitation_hash=event.invitation_hash,
        invitation_ends=from_rfc3339(event.expires_at),
        password_hash="",
        factors=(),
        offer=None,
        recovery_hashes=(),
        recovery_used=frozenset(),
        reset=None,
    )


def _unchanged(user: User, _: AuthEvent) -> User:
    return user


_STEPS: Mapping[type, Callable[[User, Any], User]] = MappingProxyType(
    {
        EnrolmentBegun: _enrolment_begun,
        EnrolmentProofRefused: _enrolment_proof_refused,
        UserEnrolled: _enrolled,
        RoleAssigned: _role_assigned,
        RecoveryCodesIssued: _recovery_codes_issued,
        RecoveryCodeUsed: _recovery_code_used,
        FactorOffered: _factor_offered,
        OfferProofRefused: _offer_proof_refused,
        FactorAdded: _factor_added,
        FactorRemoved: _factor_removed,
        PasswordChanged: _password_changed,
        PasswordRehashed: _password_changed,
        ProofRefused: _unchanged,
        NewDeviceSeen: _new_device_seen,
        UserDisabled: _disabled,
        UserEnabled: _enabled,
        FactorResetRequested: _reset_requested,
        FactorResetEnded: _reset_ended,
        BreakGlassUsed: _unchanged,
        FactorsReset: _factors_reset,
        PasskeyUsed: _unchanged,
        FactorCloned: _unchanged,
        UserSessionsEnded: _unchanged,
        # The throttle decides who is locked, for addresses that nobody has too; the history tells of it.
        UserLocked: _unchanged,
        UserUnlocked: _unchanged,
    }
)


def _after(user: User | None, event: AuthEvent) -> User:
    if isinstance(event, UserInvited):
        _require(holds=user is None)
        return replace(_invited(event), version=1)
    step = _STEPS.get(type(event))
    if user is None or step is None:
        raise _Impossible
    return replace(step(user, event), version=user.version + 1)


def fold_user(events: Iterable[AuthEvent]) -> User | None:
    """Return the user after its events; None when there are none. ValueError for an impossible history."""
    user: User | None = None
    for event in events:
        try:
            user = _after(user, event)
        except _Impossible:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of this user") from None
    return user
