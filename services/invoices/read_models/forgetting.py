"""What forgetting a customer takes away, and that nothing about them makes a row again."""

import psycopg

from shared.eventstore.following import row_found

_FORGET = (
    "DELETE FROM customers WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM contents WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM invoices WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM document_references WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM claims WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM payments WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM corrections WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM overrides WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM plans WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM quotes WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM unsettled WHERE tenant = %s AND customer_id = %s",
    "INSERT INTO forgotten (tenant, customer_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
)
_FORGOTTEN = b"SELECT FROM forgotten WHERE tenant = %s AND customer_id = %s"


def forget(cursor: psycopg.Cursor, tenant: str, customer_id: str) -> None:
    """Take away every row about a customer, in every version: no position of the past brings them back."""
    for statement in _FORGET:
        cursor.execute(statement.encode(), (tenant, customer_id))


def is_forgotten(cursor: psycopg.Cursor, tenant: str, customer_id: str) -> bool:
    """Tell whether what the log still says about a customer makes no row."""
    return row_found(cursor, _FORGOTTEN, (tenant, customer_id)) is not None


def require_forgotten(cursor: psycopg.Cursor, tenant: str, customer_id: str) -> None:
    """Raise LookupError for a row that should be there: only a forgotten customer has none."""
    if not is_forgotten(cursor, tenant, customer_id):
        raise LookupError("there is no row that this event builds on")
