"""Training from the log: the names of its streams, and their folds."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from services.auth.codec import decode
from services.auth.domain.events import TrainingEvent, TrainingPolicySet
from services.auth.domain.training_policy import PolicyInForce, fold_policy
from services.auth.domain.training_record import TrainingRecord, fold_record
from shared.eventstore.log import TenantLog
from shared.eventstore.model import RecordedEvent
from shared.kernel.clock import from_rfc3339


def policy_stream(tenant: str) -> str:
    """Name the stream of what a business asks for."""
    return f"training_policy-{tenant}"


def training_stream(user_id: str) -> str:
    """Name the stream of what a person has shown to know."""
    return f"training-{user_id}"


def load_policy(log: TenantLog, tenant: str) -> PolicyInForce:
    """Return the rules that hold; version 0 and the default when none were set."""
    events = _dated(log.load(tenant, policy_stream(tenant)))
    return fold_policy((moment, cast("TrainingPolicySet", event)) for moment, event in events)


def load_training(log: TenantLog, tenant: str, user_id: str) -> TrainingRecord:
    """Return a person's record; version 0 when there is none. KeyShredded when the person was forgotten."""
    return fold_record(_dated(log.load(tenant, training_stream(user_id))))


def _dated(events: Iterable[RecordedEvent]) -> Iterable[tuple[datetime, TrainingEvent]]:
    return ((from_rfc3339(event.at), cast("TrainingEvent", decode(event))) for event in events)
