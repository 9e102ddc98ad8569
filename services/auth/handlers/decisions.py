"""Decisions that services made, written into the log of the tenant whom they are about."""

from collections.abc import Sequence
from typing import Literal, cast

from services.auth.codec import encode
from services.auth.domain.events import AccessDenied, DecisionEvent, SensitiveAccessGranted
from services.auth.history import decision_stream, user_stream
from services.auth.ports import Ports
from shared.contracts.decisions import DENIED, KeptDecision
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded
from shared.eventstore.model import Author
from shared.eventstore.store import VersionConflict


def record_decisions(ports: Ports, decisions: Sequence[KeptDecision], *, tenant: str, service: str) -> int:
    """Write down what a service decided, each once, and return how many were new.

    Its name stands before the method: no service can tell what another one decided. A tenant that is not here has no
    log, and nothing is written.
    """
    if ports.log.head(tenant).size == 0:
        return 0
    return sum(_record(ports, tenant, service, decision) for decision in decisions)


def _record(ports: Ports, tenant: str, service: str, decision: KeptDecision) -> bool:
    stream = decision_stream(decision.id)
    if ports.log.version(tenant, stream) > 0:
        return False
    person = user_stream(decision.actor)
    known = decision.actor_kind == "person" and ports.log.version(tenant, person) > 0
    kind = cast("Literal['person', 'service']", decision.actor_kind)
    by = Author(kind, decision.actor, tuple(decision.factors.split()), decision.session or None)
    # Sealed for the person: where somebody tried to go is forgotten with them.
    new = encode(stream, person if known else TENANT_SUBJECT, _event(service, decision))
    try:
        ports.log.append(tenant, [new], {stream: 0}, by=by)
    except VersionConflict:  # told twice at the same moment
        return False
    except KeyShredded:  # about somebody who was forgotten meanwhile
        return False
    return True


def _event(service: str, decision: KeptDecision) -> DecisionEvent:
    method = f"{service}.{decision.method}"
    if decision.outcome == DENIED:
        return AccessDenied(method, decision.permission, decision.reasons, decision.minute, decision.count)
    return SensitiveAccessGranted(method, decision.permission, decision.minute, decision.count)
