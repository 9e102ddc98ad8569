"""Brings the decisions that a service keeps to auth, beside the calls."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby

import structlog

from shared.contracts.decisions import KeptDecision
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.pool import Pool
from shared.kernel.clock import Clock, SystemClock
from shared.messaging.background import Pause, Stop
from shared.messaging.caller import ServiceCaller
from shared.messaging.decisions import PostgresDecisions

_EVERY = 1.0
_AFTER_A_FAILURE = 5.0
_log = structlog.get_logger(__name__)

Tell = Callable[[str, Sequence[KeptDecision]], None]
"""Hands decisions about one tenant over; PublicError when that cannot be done now."""


@dataclass(frozen=True, slots=True)
class DecisionCourier:
    """Tells what is due, again and again; any number of processes may do it at the same time."""

    decisions: PostgresDecisions
    tell: Tell
    clock: Clock = field(default_factory=SystemClock)

    def run(self, stop: Stop, pause: Pause) -> None:
        """Tell until it is time to stop."""
        while not stop():
            pause(_EVERY if self.run_once() else _AFTER_A_FAILURE)

    def run_once(self) -> bool:
        """Tell what is due now, tenant by tenant; False when some of it could not be told."""
        everything = True
        for tenant, rows in groupby(self.decisions.due(self.clock.now()), key=lambda row: row.tenant):
            telling = list(rows)
            try:
                self.tell(tenant, [row.decision for row in telling])
            except PublicError as refusal:
                _log.warning("decisions_not_told", tenant=tenant, error_code=refusal.code.value)
                everything = False
                if refusal.code is ErrorCode.SERVICE_UNAVAILABLE:
                    break  # not once more for every tenant
            else:
                self.decisions.settle(telling, self.clock.now())
        return everything


def telling_auth(pool: Pool, bus: ServiceCaller) -> DecisionCourier:
    """Return what brings a service's decisions to auth, in the name of that service."""

    def tell(tenant: str, decisions: Sequence[KeptDecision]) -> None:
        request = {"decisions": [asdict(decision) for decision in decisions]}
        bus.call("auth", "record_decisions", request, tenant=tenant)

    return DecisionCourier(PostgresDecisions(pool), tell)
