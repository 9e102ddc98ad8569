"""In every service's database, every table with a tenant is isolated by it, or is a list of work without content."""

from collections.abc import Callable

import pytest

from shared.eventstore.copies import COPIES
from tests.stack import Database

pytestmark = pytest.mark.integration

# Where followers and workers look which tenants have work for them: ids, types, sizes and positions, nothing else.
WORK_LISTS = {
    *("log.heads", "relay.checkpoints", "app.inbox", "app.decisions", "keyring.tenants"),
    "read.halted",
    *(f"{copy}.{table}" for copy in COPIES for table in ("projection_checkpoints", "revocations")),
}
WITH_TENANT = """
    SELECT n.nspname || '.' || c.relname, c.relrowsecurity AND c.relforcerowsecurity
           AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
"""


@pytest.mark.parametrize("service", ["auth", "invoices", "notifier", "backup"])
def test_every_table_with_a_tenant_is_isolated(database: Callable[[str], Database], service: str) -> None:
    with database(service).connect_as_admin() as admin:
        tables: dict[str, bool] = dict(admin.execute(WITH_TENANT).fetchall())
    assert len(tables) > 5
    assert {name for name, isolated in tables.items() if not isolated} - WORK_LISTS == set()
