"""Conditions of a grant: when a permission counts. All of a grant's conditions must hold.

Their form in tokens and events is a JSON object; only the conditions that are set are in it:

    {"own_customers": true,
     "amount_up_to": {"amount": "1000.00", "currency": "EUR"},      currency absent: whatever the currency
     "states": ["draft"],
     "hours": {"days": [1, 2, 3, 4, 5], "from": "08:00", "to": "18:00", "zone": "Europe/Berlin"},
     "training_current": true}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.contracts.codes import CURRENCIES

STATES = ("draft", "discarded", "issued", "partly_credited", "cancelled")
"""The states of an invoice that a grant can be limited to."""
MONDAY, SUNDAY = 1, 7
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


class Condition(StrEnum):
    """The kinds of condition, by their names in tokens."""

    OWN_CUSTOMERS = "own_customers"
    """Only about customers whom the person registered."""
    AMOUNT = "amount_up_to"
    """Only up to a payable amount (BT-115)."""
    STATES = "states"
    """Only for invoices in one of these states."""
    HOURS = "hours"
    """Only on some weekdays, between two times."""
    TRAINING = "training_current"
    """Only while the person's training is current."""


OF_THE_CALL = frozenset({Condition.HOURS, Condition.TRAINING})
"""What can be judged of any call; the others are about what is asked for, and only the endpoint knows that."""


class GrantMalformed(Exception):
    """A grant or a condition that is none; the message names the part, never its value."""


@dataclass(frozen=True, slots=True)
class AmountLimit:
    """The largest payable amount; without a currency the number counts, whatever the currency."""

    amount: Decimal
    currency: str | None = None
    """ISO 4217. Amounts in another currency are not covered: they cannot be compared."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekdays (ISO 8601, Monday is 1) and a span of the day in a time zone, its end not included."""

    days: tuple[int, ...]
    begins: str
    """`HH:MM`"""
    ends: str
    """`HH:MM`, later than `begins`, at most `24:00`; a night takes two grants."""
    zone: str
    """IANA name."""

    def hold(self, moment: datetime) -> bool:
        """Tell whether an aware moment is within; False where the machine does not know the zone (fail closed)."""
        try:
            local = moment.astimezone(ZoneInfo(self.zone))
        except (ZoneInfoNotFoundError, ValueError):
            return False
        return local.isoweekday() in self.days and self.begins <= local.strftime("%H:%M") < self.ends


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that must hold; without any the grant counts always."""

    own_customers: bool = False
    amount_up_to: AmountLimit | None = None
    states: tuple[str, ...] = ()
    """Empty: every state."""
    hours: Hours | None = None
    training_current: bool = False

    @property
    def kinds(self) -> frozenset[Condition]:
        """Which kinds of condition are set."""
        return frozenset(kind for kind in Condition if getattr(self, kind.value))

    def to_claim(self) -> dict[str, object]:
        """Return the JSON object of tokens and events."""
        claim: dict[str, object] = {}
        if self.own_customers:
            claim[Condition.OWN_CUSTOMERS] = True
        if self.amount_up_to is not None:
            limit: dict[str, object] = {"amount": str(self.amount_up_to.amount)}
            if self.amount_up_to.currency is not None:
                limit["currency"] = self.amount_up_to.currency
            claim[Condition.AMOUNT] = limit
        if self.states:
            claim[Condition.STATES] = list(self.states)
        if self.hours is not None:
            hours = self.hours
            span = {"days": list(hours.days), "from": hours.begins, "to": hours.ends, "zone": hours.zone}
            claim[Condition.HOURS] = span
        if self.training_current:
            claim[Condition.TRAINING] = True
        return {str(name): value for name, value in claim.items()}

    @classmethod
    def from_claim(cls, claim: object) -> "Conditions":
        """Read what `to_claim` made; GrantMalformed for anything else.

        A condition that this program does not know is refused, never left out: the grant would reach further.
        """
        parts = _object(claim, frozenset(Condition), "conditions")
        return cls(
            own_customers=_flag(parts, Condition.OWN_CUSTOMERS),
            amount_up_to=_amount(parts[Condition.AMOUNT]) if Condition.AMOUNT in parts else None,
            states=_states(parts[Condition.STATES]) if Condition.STATES in parts else (),
            hours=_hours(parts[Condition.HOURS]) if Condition.HOURS in parts else None,
            training_current=_flag(parts, Condition.TRAINING),
        )


ALWAYS = Conditions()
"""No condition at all."""


def _amount(claim: object) -> AmountLimit:
    parts = _object(claim, frozenset({"amount", "currency"}), Condition.AMOUNT)
    amount, currency = parts.get("amount"), parts.get("currency")
    if not isinstance(amount, str) or _AMOUNT.fullmatch(amount) is None:
        raise GrantMalformed("amount_up_to needs an amount, e.g. 1000.00")
    if currency is not None and not (isinstance(currency, str) and currency in CURRENCIES):
        raise GrantMalformed("the currency of amount_up_to is not an ISO 4217 code")
    return AmountLimit(Decimal(amount), currency)


def _states(claim: object) -> tuple[str, ...]:
    if not isinstance(claim, list) or not claim or not all(isinstance(state, str) for state in claim):
        raise GrantMalformed("states needs a list of states")
    if set(claim) - set(STATES):
        raise GrantMalformed(f"states are among {', '.join(STATES)}")
    return tuple(sorted(set(claim)))


def _hours(claim: object) -> Hours:
    parts = _object(claim, frozenset({"days", "from", "to", "zone"}), Condition.HOURS)
    days, begins, ends, zone = (parts.get(name) for name in ("days", "from", "to", "zone"))
    # `type`, not `isinstance`: True is a Monday otherwise.
    if not isinstance(days, list) or not days or not all(type(day) is int for day in days):
        raise GrantMalformed("the days of hours are numbers, Monday is 1")
    if not all(MONDAY <= day <= SUNDAY for day in days):
        raise GrantMalformed("the days of hours are numbers, Monday is 1")
    if not (isinstance(begins, str) and isinstance(ends, str) and _TIME.fullmatch(begins) and _TIME.fullmatch(ends)):
        raise GrantMalformed("hours run from HH:MM to HH:MM")
    if begins >= ends:
        raise GrantMalformed("hours begin before they end; a night takes two grants")
    if not isinstance(zone, str) or not _known(zone):
        raise GrantMalformed("the zone of hours is an IANA name, e.g. Europe/Berlin")
    return Hours(tuple(sorted(set(days))), begins, ends, zone)


def _known(zone: str) -> bool:
    """Tell whether the name could be a zone: what it means is looked up when it is judged."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", zone) is not None


def _flag(parts: Mapping[str, object], name: Condition) -> bool:
    if name not in parts:
        return False
    if parts[name] is not True:
        raise GrantMalformed(f"{name} is true or absent")
    return True


def _object(claim: object, names: frozenset[str], what: str) -> Mapping[str, object]:
    if not isinstance(claim, Mapping):
        raise GrantMalformed(f"{what} is not an object")
    if not all(isinstance(name, str) for name in claim) or set(claim) - names:
        raise GrantMalformed(f"{what} holds something unknown")
    return claim
