"""Which plans there are and which run: ids alone, so that nobody who reads the tables learns when what is due."""

import psycopg

from services.invoices.domain.events import PlanEnded, PlanMade, PlanPaused, PlanResumed
from services.invoices.read_models.forgetting import is_forgotten
from shared.eventstore.copies import fetch_live
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool

_ADD = "INSERT INTO plans (tenant, plan_id, customer_id, position, running) VALUES (%s, %s, %s, %s, true)"
_RUN = "UPDATE plans SET running = %s WHERE tenant = %s AND plan_id = %s"
_RUNNING = "SELECT plan_id::text FROM plans WHERE tenant = %s AND running ORDER BY plan_id"
PlanChange = PlanMade | PlanPaused | PlanResumed | PlanEnded
"""The events that change a row."""


def apply(cursor: psycopg.Cursor, event: RecordedEvent, change: PlanChange) -> None:
    """Change the plan's row; that of somebody who is forgotten is gone, and stays so."""
    match change:
        case PlanMade(plan_id=plan_id, content=content):
            if not is_forgotten(cursor, event.tenant, content.customer_id):
                cursor.execute(_ADD, (event.tenant, plan_id, content.customer_id, event.position))
        case PlanResumed(plan_id=plan_id):
            cursor.execute(_RUN, (True, event.tenant, plan_id))
        case PlanPaused(plan_id=plan_id) | PlanEnded(plan_id=plan_id):
            cursor.execute(_RUN, (False, event.tenant, plan_id))


def running_plans(pool: Pool, projection: str, tenant: str) -> list[str]:
    """Return the ids of the plans that are neither paused nor ended."""
    return [plan_id for (plan_id,) in fetch_live(pool, projection, tenant, _RUNNING, (tenant,))]
