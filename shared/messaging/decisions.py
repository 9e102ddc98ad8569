"""Decisions are kept: every denial of a call with a token, and every use of a sensitive endpoint.

A row is written beside the answer, counted by person, method, reason and minute. A background loop brings the rows to
auth, which writes them into the tenant's log. A kill at any moment loses none and doubles none: how many are told is
fixed in the row before they leave, under an id that auth takes once.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import structlog
from psycopg.rows import class_row

from shared.contracts.decisions import DENIED, GRANTED, MOST_DECISIONS, KeptDecision
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.pool import Pool
from shared.kernel.clock import to_rfc3339
from shared.kernel.ids import is_uuid, new_id
from shared.messaging.access import Actor

DENIALS = frozenset({ErrorCode.PERMISSION_DENIED, ErrorCode.STEP_UP_INVALID, ErrorCode.SECOND_PERSON_NEEDED})
"""The refusals that say that somebody may not do something; the others say that it cannot be done."""
_KEPT_FOR = timedelta(minutes=10)
_log = structlog.get_logger(__name__)

_KEEP = """
    INSERT INTO app.decisions AS known
        (tenant, minute, actor_kind, actor, session, method, outcome, permission, reasons, factors, id, count)
    VALUES (%(tenant)s, %(minute)s, %(actor_kind)s, %(actor)s, %(session)s, %(method)s, %(outcome)s, %(permission)s,
            %(reasons)s, %(factors)s, %(id)s, 1)
    ON CONFLICT (tenant, minute, actor_kind, actor, session, method, outcome, permission, reasons)
        DO UPDATE SET count = known.count + 1
"""
# The first of a minute is told at once, the others together when the minute is over.
_FIX = """
    UPDATE app.decisions SET telling = count - told
    WHERE telling = 0 AND count > told AND (told = 0 OR minute < %s)
"""
# So many of each tenant: what cannot be told about one holds up no other.
_TELLING = """
    SELECT tenant::text, minute, actor_kind, actor, session, method, outcome, permission, reasons, factors,
           id::text, told, telling
    FROM (SELECT *, row_number() OVER (PARTITION BY tenant ORDER BY minute, id) AS place
          FROM app.decisions WHERE telling > 0) AS waiting
    WHERE place <= %s ORDER BY tenant, place
"""
# Told by another process of this service meanwhile: then it is no longer as it was read, and stays as it is.
_TOLD = """
    UPDATE app.decisions SET told = told + telling, telling = 0 WHERE id = %s AND told = %s AND telling = %s
"""
_FORGET = "DELETE FROM app.decisions WHERE minute < %s AND telling = 0 AND told = count"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call by somebody who showed a token that is good."""

    actor: Actor
    tenant: str | None
    """The person's own, or the one that a service named."""
    method: str
    permission: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """A row of which some are on their way to auth."""

    tenant: str
    minute: datetime
    actor_kind: str
    actor: str
    session: str
    method: str
    outcome: str
    permission: str
    reasons: str
    factors: str
    id: str
    told: int
    telling: int

    @property
    def decision(self) -> KeptDecision:
        """Return what is told; its id is the same for the same part of the row."""
        return KeptDecision(
            id=str(uuid.uuid5(uuid.UUID(self.id), str(self.told))),
            minute=to_rfc3339(self.minute),
            actor_kind=self.actor_kind,
            actor=self.actor,
            session=self.session,
            factors=self.factors,
            method=self.method,
            permission=self.permission,
            outcome=self.outcome,
            reasons=self.reasons,
            count=self.telling,
        )


@contextmanager
def decisions_kept(pool: Pool, attempt: Attempt, *, sensitive: bool) -> Iterator[None]:
    """Keep the decision about the call inside.

    A denial stays a denial when it cannot be kept. What is sensitive is not answered then: it fails as the database
    does, and a command that was carried out gives its answer to the retry.
    """
    try:
        yield
    except PublicError as refusal:
        if refusal.code in DENIALS:
            try:
                _keep(pool, attempt, DENIED, _reasons(refusal))
            except psycopg.Error as error:
                _log.warning("denial_not_kept", method=attempt.method, error=type(error).__name__)
        raise
    if sensitive:
        _keep(pool, attempt, GRANTED, "granted")


class PostgresDecisions:
    """The rows that wait to be told."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def due(self, now: datetime) -> list[Telling]:
        """Return what is to be told, by tenant: also what was on its way already when somebody died."""
        with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Telling)) as cursor:
            cursor.execute(_FIX, (_minute(now),))
            return cursor.execute(_TELLING, (MOST_DECISIONS,)).fetchall()

    def settle(self, told: list[Telling], now: datetime) -> None:
        """Write down that auth has them, and forget what is old and told."""
        with self._pool.connection() as connection, connection.transaction():
            for each in told:
                connection.execute(_TOLD, (each.id, each.told, each.telling))
            connection.execute(_FORGET, (now - _KEPT_FOR,))


def _keep(pool: Pool, attempt: Attempt, outcome: str, reasons: str) -> None:
    if attempt.tenant is None or not is_uuid(attempt.tenant):
        return  # a service that named no business: no log to write it into; the service's own log line tells of it
    actor = attempt.actor
    row = {
        "tenant": attempt.tenant,
        "minute": _minute(attempt.now),
        "actor_kind": actor.kind,
        "actor": actor.id,
        "session": actor.session,
        "method": attempt.method,
        "outcome": outcome,
        "permission": attempt.permission,
        "reasons": reasons,
        "factors": " ".join(actor.factors),
        "id": new_id(),
    }
    with pool.connection() as connection:
        connection.execute(_KEEP, row)


def _reasons(refusal: PublicError) -> str:
    reasons = refusal.details.get("reasons")
    if not isinstance(reasons, list) or not reasons:
        return refusal.code.value
    return " ".join(dict.fromkeys(str(reason["code"]) for reason in reasons))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
