"""Which issued invoices are not settled: where to look for what is overdue.

Ids alone are readable. The amounts, sealed as everything else, only serve to tell whether anything is owed; how an
invoice stands, and what is done about it, is decided on the log.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal

import psycopg

from services.invoices.domain.events import Event, InvoiceCredited, InvoiceIssued
from services.invoices.domain.events.payments import (
    AllocationReceived,
    AllocationReturned,
    InvoiceWrittenOff,
    WriteOffReversed,
)
from services.invoices.read_models.cells import Cells, SealedCell
from shared.crypto.keyring import KeyShredded
from shared.eventstore.copies import fetch_live
from shared.eventstore.following import row_found
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool

NAME = "unsettled"
_PAGE = 500
_ADD = """
    INSERT INTO unsettled (tenant, invoice_id, customer_id, position, settled, key, sealed)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_ONE = b"SELECT key::text, sealed FROM unsettled WHERE tenant = %s AND invoice_id = %s"
_PUT = "UPDATE unsettled SET settled = %s, key = %s, sealed = %s WHERE tenant = %s AND invoice_id = %s"
_OPEN = """
    SELECT position, invoice_id::text, key::text, sealed FROM unsettled
    WHERE tenant = %(tenant)s AND NOT settled AND position > %(page_after)s
    AND (%(customer)s::uuid IS NULL OR customer_id = %(customer)s) ORDER BY position LIMIT %(limit)s
"""
_ZERO = "0.00"


class UnsettledRows:
    """Feeds the table; an invoice whose customer is forgotten has no row."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def issue(self, cursor: psycopg.Cursor, event: RecordedEvent, issued: InvoiceIssued, due: str) -> None:
        """Add an invoice with what it is owed in the beginning; `due` is the due date (BT-9), ISO 8601."""
        payable = issued.totals.payable
        amounts = {"payable": str(payable), "due": due}
        cell = self._cells.seal(NAME, event.tenant, issued.invoice_id, event.key, amounts)
        row = (event.tenant, issued.invoice_id, issued.customer.customer_id, event.position, payable <= 0)
        cursor.execute(_ADD, (*row, cell.key, cell.sealed))

    def change(self, cursor: psycopg.Cursor, event: RecordedEvent, happened: Event) -> None:
        """Count what changes what an invoice is owed; nothing for a claim, which has no row."""
        match happened:
            case AllocationReceived(invoice_id=invoice_id, amount=amount):
                self._add(cursor, event, invoice_id, "paid", amount)
            case AllocationReturned(invoice_id=invoice_id, amount=amount):
                self._add(cursor, event, invoice_id, "paid", -amount)
            case InvoiceCredited(invoice_id=invoice_id, credit=credit, cancels=cancels):
                self._add(cursor, event, invoice_id, "cancelled" if cancels else "credited", credit.gross)
            case InvoiceWrittenOff(invoice_id=invoice_id, amount=amount):
                self._add(cursor, event, invoice_id, "written_off", amount)
            case WriteOffReversed(invoice_id=invoice_id):
                self._add(cursor, event, invoice_id, "written_off", None)
            case _:
                pass

    def _add(
        self, cursor: psycopg.Cursor, event: RecordedEvent, invoice_id: str, name: str, amount: Decimal | None
    ) -> None:
        """Add to one of the sums; None: it is nothing again."""
        row = row_found(cursor, _ONE, (event.tenant, invoice_id))
        if row is None:
            return
        amounts = self._cells.open(NAME, event.tenant, invoice_id, SealedCell(*row))
        sums = {**amounts, name: _ZERO if amount is None else str(Decimal(amounts.get(name, _ZERO)) + amount)}
        if name == "credited" and amount is not None:  # what is taken back was not given up
            sums["written_off"] = str(max(Decimal(amounts.get("written_off", _ZERO)) - amount, Decimal(0)))
        cell = self._cells.seal(NAME, event.tenant, invoice_id, event.key, sums)
        cursor.execute(_PUT, (_settled(sums), cell.key, cell.sealed, event.tenant, invoice_id))


def _settled(sums: Mapping[str, str]) -> bool:
    if "cancelled" in sums:
        return True
    less = (Decimal(sums.get(name, _ZERO)) for name in ("credited", "paid", "written_off"))
    return Decimal(sums["payable"]) - sum(less, Decimal(0)) <= 0


def overdue_invoices(
    pool: Pool,
    cells: Cells,
    projection: str,
    tenant: str,
    day: date,
    *,
    customer: str | None = None,
    page_after: int = -1,
) -> Iterator[tuple[int, str]]:
    """Yield position and id of the invoices that are owed something and were due before a day, the oldest first."""
    while True:
        wanted = {"tenant": tenant, "page_after": page_after, "customer": customer, "limit": _PAGE}
        rows = fetch_live(pool, projection, tenant, _OPEN, wanted)
        for position, invoice_id, *cell in rows:
            with suppress(KeyShredded):
                if cells.open(NAME, tenant, invoice_id, SealedCell(*cell))["due"] < day.isoformat():
                    yield position, invoice_id
        if len(rows) < _PAGE:
            return
        page_after = rows[-1][0]
