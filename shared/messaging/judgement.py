"""A call's decision: taken at the door as far as the token tells, completed by the endpoint that knows the rest."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts.conditions import Condition
from shared.contracts.decision import Facts, Holder, Scopes, decide, scopes_of
from shared.contracts.permissions import Permission
from shared.messaging.access import Actor, refuse_unless_allowed


@dataclass(slots=True)
class Judgement:
    """What a person or a service may do with one call, at the moment that it came."""

    holder: Holder
    permission: Permission
    judges: frozenset[Condition]
    now: datetime
    settled: bool
    """Whether nothing is left to judge: a grant counts that has no condition about what is asked for."""
    asked: bool = field(default=False, init=False)
    """Whether the endpoint judged what was left."""

    @classmethod
    def at_the_door(
        cls, actor: Actor, permission: Permission, judges: frozenset[Condition], now: datetime
    ) -> "Judgement":
        """Admit a call whose endpoint judges `judges` itself; PublicError permission_denied with the reasons."""
        holder, known = actor.holder, Facts(now=now)
        refuse_unless_allowed(decide(holder, permission.value, known, judges), permission)
        return cls(holder, permission, judges, now, settled=decide(holder, permission.value, known).allowed)

    def allow(self, facts: Facts) -> None:
        """Return when a grant covers these facts; PublicError permission_denied with the reasons."""
        self.asked = True
        refuse_unless_allowed(decide(self.holder, self.permission.value, facts.at(self.now)), self.permission)

    def scopes(self) -> Scopes:
        """Return what a search may show; whoever searches leaves out the rest."""
        self.asked = True
        return scopes_of(self.holder, self.permission.value, Facts(now=self.now), self.judges)

    def require_judged(self) -> None:
        """Keep back the answer of a query that had something to judge and did not: a mistake there, RuntimeError."""
        if not (self.settled or self.asked):
            raise RuntimeError("the endpoint did not judge the conditions that it declared")
