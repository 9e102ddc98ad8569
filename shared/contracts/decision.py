"""The decision who may do what: one pure function, by which services admit calls and auth explains them.

Deny by default. A person may do something when at least one of their grants names the permission and all conditions of
that grant are known to hold. A condition that nobody can judge does not hold.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from shared.contracts.conditions import Condition, Conditions
from shared.contracts.grants import Grant


class ReasonCode(StrEnum):
    """Why a decision came out as it did; public, never renamed (docs/roles.md)."""

    GRANTED = "granted"
    NO_GRANT = "no_grant"
    NOT_OWN_CUSTOMER = "not_own_customer"
    AMOUNT_ABOVE_LIMIT = "amount_above_limit"
    CURRENCY_NOT_COVERED = "currency_not_covered"
    STATE_NOT_COVERED = "state_not_covered"
    OUTSIDE_HOURS = "outside_hours"
    TRAINING_NOT_CURRENT = "training_not_current"
    CONDITION_NOT_JUDGED = "condition_not_judged"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    """Only in explanations: whoever is not active gets no token."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and a sentence, with nothing of the content in it that the caller did not send."""

    code: ReasonCode
    text: str

    def as_dict(self) -> dict[str, object]:
        """Return the form that crosses the bus."""
        return {"code": self.code.value, "text": self.text}


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or not, and why: for a refusal one reason for every grant that did not hold."""

    allowed: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks: what the token says about them."""

    id: str
    grants: tuple[Grant, ...]
    training_until: datetime | None = None
    """Until when the person's training is current; None: it is not, or no policy asks for any."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked for, as far as it is known: None is not known, and then a condition about it does not hold."""

    now: datetime | None = None
    registered_by: str | None = None
    """Id of the person who registered the customer; empty when a service did."""
    amount: Decimal | None = None
    """Payable amount (BT-115)."""
    currency: str | None = None
    """ISO 4217 (BT-5); of an amount of nothing it may be left open."""
    state: str | None = None
    """Of the invoice."""

    def at(self, now: datetime) -> "Facts":
        """Return the same facts at a moment."""
        return replace(self, now=now)


Allow = Callable[[Facts], None]
"""Returns when the facts are covered by a grant of whoever calls; PublicError permission_denied otherwise."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a search may show to somebody: everything that at least one of the alternatives covers."""

    holder_id: str
    """Who is meant by own customers."""
    alternatives: tuple[Conditions, ...]


def decide(holder: Holder, permission: str, facts: Facts, deferred: frozenset[Condition] = frozenset()) -> Decision:
    """Decide; conditions in `deferred` are taken to hold, because they are judged later, with more facts."""
    named = [grant for grant in holder.grants if grant.permission == permission]
    if not named:
        text = f"No grant gives the permission {permission}."
        return Decision(allowed=False, reasons=(Reason(ReasonCode.NO_GRANT, text),))
    reasons: list[Reason] = []
    for grant in named:
        failed = _failed(holder, grant.conditions, facts, deferred)
        if not failed:
            text = f"A grant gives the permission {permission}, and all its conditions hold."
            return Decision(allowed=True, reasons=(Reason(ReasonCode.GRANTED, text),))
        reasons.extend(failed)
    return Decision(allowed=False, reasons=tuple(dict.fromkeys(reasons)))


def scopes_of(holder: Holder, permission: str, facts: Facts, searched: frozenset[Condition]) -> Scopes:
    """Return what a search may show: its alternatives are the grants that hold apart from the conditions `searched`."""
    return Scopes(
        holder.id,
        tuple(
            grant.conditions
            for grant in holder.grants
            if grant.permission == permission and not _failed(holder, grant.conditions, facts, searched)
        ),
    )


def _failed(holder: Holder, conditions: Conditions, facts: Facts, deferred: frozenset[Condition]) -> list[Reason]:
    if not (judged := conditions.kinds - deferred):  # as most grants have it, and each call asks several times
        return []
    reasons = (judge(holder, conditions, facts) for kind, judge in _JUDGES.items() if kind in judged)
    return [reason for reason in reasons if reason is not None]


def _own(holder: Holder, _: Conditions, facts: Facts) -> Reason | None:
    if facts.registered_by is None:
        return _not_judged(Condition.OWN_CUSTOMERS)
    if holder.id and facts.registered_by == holder.id:
        return None
    return Reason(ReasonCode.NOT_OWN_CUSTOMER, "The permission is limited to customers whom you registered.")


def _amount(_: Holder, conditions: Conditions, facts: Facts) -> Reason | None:
    limit = conditions.amount_up_to
    if facts.amount == 0 and facts.currency is None:
        return None  # what costs nothing is within every limit
    if limit is None or facts.amount is None or facts.currency is None:
        return _not_judged(Condition.AMOUNT)
    if limit.currency not in (None, facts.currency):
        text = f"The permission is limited to amounts in {limit.currency}."
        return Reason(ReasonCode.CURRENCY_NOT_COVERED, text)
    if facts.amount <= limit.amount:
        return None
    most = f"{limit.amount} {limit.currency}" if limit.currency else str(limit.amount)
    return Reason(ReasonCode.AMOUNT_ABOVE_LIMIT, f"The permission is limited to amounts up to {most}.")


def _state(_: Holder, conditions: Conditions, facts: Facts) -> Reason | None:
    if facts.state is None:
        return _not_judged(Condition.STATES)
    if facts.state in conditions.states:
        return None
    text = f"The permission is limited to invoices in the state {' or '.join(conditions.states)}."
    return Reason(ReasonCode.STATE_NOT_COVERED, text)


def _hours(_: Holder, conditions: Conditions, facts: Facts) -> Reason | None:
    hours = conditions.hours
    if hours is None or facts.now is None:
        return _not_judged(Condition.HOURS)
    if hours.hold(facts.now):
        return None
    days = ", ".join(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day - 1] for day in hours.days)
    text = f"The permission is limited to {days} from {hours.begins} to {hours.ends} ({hours.zone})."
    return Reason(ReasonCode.OUTSIDE_HOURS, text)


def _training(holder: Holder, _: Conditions, facts: Facts) -> Reason | None:
    if facts.now is None:
        return _not_judged(Condition.TRAINING)
    if holder.training_until is not None and facts.now.astimezone(UTC) < holder.training_until:
        return None
    return Reason(ReasonCode.TRAINING_NOT_CURRENT, "The permission needs current training.")


def _not_judged(kind: Condition) -> Reason:
    return Reason(ReasonCode.CONDITION_NOT_JUDGED, f"The condition {kind.value} cannot be judged for this call.")


_JUDGES: Mapping[Condition, Callable[[Holder, Conditions, Facts], Reason | None]] = {
    Condition.OWN_CUSTOMERS: _own,
    Condition.AMOUNT: _amount,
    Condition.STATES: _state,
    Condition.HOURS: _hours,
    Condition.TRAINING: _training,
}
"""In the order in which reasons are told."""
