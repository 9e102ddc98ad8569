"""Quotes in a list: ids, place and what the customer said in the clear, everything else sealed.

Whether an open one is over is nowhere written: it follows from the day that is asked about.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from services.invoices.domain.events.quotes import (
    Offered,
    QuoteAccepted,
    QuoteChanged,
    QuoteDeclined,
    QuoteEvent,
    QuoteExtended,
    QuoteInvoiced,
    QuoteMade,
)
from services.invoices.domain.quote import QuoteState
from services.invoices.read_models.cells import Cells, SealedCell
from shared.contracts.decision import Scopes
from shared.crypto.keyring import KeyShredded
from shared.eventstore.copies import fetch_live
from shared.eventstore.following import row_found
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

QUOTES = "quotes"
_WAIT_SECONDS = 5.0
_MOST_OPENED = 1000
"""Rows that one page looks at: what is sealed is only seen when it is opened."""
_ADD = """
    INSERT INTO quotes (tenant, quote_id, customer_id, position, state, key, sealed)
    VALUES (%s, %s, %s, %s, 'open', %s, %s)
"""
_PUT = "UPDATE quotes SET state = coalesce(%s, state), key = %s, sealed = %s WHERE tenant = %s AND quote_id = %s"
_ONE = b"SELECT key::text, sealed FROM quotes WHERE tenant = %s AND quote_id = %s"
_PAGE = """
    SELECT quote_id::text, customer_id::text, position, state, q.key::text, q.sealed
    FROM quotes q JOIN customers c USING (tenant, customer_id)
    WHERE tenant = %(tenant)s AND c.until IS NULL AND position > %(page_after)s
    AND (%(all)s OR registered_by::text = %(holder)s)
    AND (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s::uuid)
    ORDER BY position LIMIT %(limit)s
"""
_BY_THE_DAY = frozenset({QuoteState.OPEN, QuoteState.EXPIRED})
"""States that are one in the table."""
_Row = tuple[str, str, int, str, str, bytes]


class QuoteRows:
    """Part of the projection of invoices: it leaves no row of a customer who is forgotten."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent, change: QuoteEvent) -> None:
        """Change the quote's row; that of somebody who is forgotten is gone, and stays so."""
        match change:
            case QuoteMade() as made:
                cell = self._seal(event, made.quote_id, _said(made))
                row = (event.tenant, made.quote_id, made.content.customer_id, event.position, cell.key, cell.sealed)
                cursor.execute(_ADD, row)
            case QuoteChanged() as changed:
                self._put(cursor, event, changed.quote_id, _said(changed))
            case QuoteExtended(quote_id=quote_id, valid_until=until):
                self._put(cursor, event, quote_id, {"valid_until": until.isoformat()})
            case QuoteAccepted(quote_id=quote_id):
                self._put(cursor, event, quote_id, {}, QuoteState.ACCEPTED)
            case QuoteDeclined(quote_id=quote_id):
                self._put(cursor, event, quote_id, {}, QuoteState.DECLINED)
            case QuoteInvoiced(quote_id=quote_id, deposit_percent=None):
                self._put(cursor, event, quote_id, {}, QuoteState.INVOICED)
            case _:
                pass

    def _put(
        self,
        cursor: psycopg.Cursor,
        event: RecordedEvent,
        quote_id: str,
        more: Mapping[str, object],
        state: QuoteState | None = None,
    ) -> None:
        row = row_found(cursor, _ONE, (event.tenant, quote_id))
        if row is None:
            return
        said = self._cells.open(QUOTES, event.tenant, quote_id, SealedCell(*row))
        cell = self._seal(event, quote_id, {**said, **more})
        cursor.execute(_PUT, (state, cell.key, cell.sealed, event.tenant, quote_id))

    def _seal(self, event: RecordedEvent, quote_id: str, said: Mapping[str, object]) -> SealedCell:
        return self._cells.seal(QUOTES, event.tenant, quote_id, event.key, said)


@dataclass(frozen=True, slots=True)
class QuoteQueries:
    """Reads one tenant's quotes."""

    pool: Pool
    projection: str
    """Whose copy of the tables is live."""
    cells: Cells
    runner: ProjectionRunner

    def page(self, tenant: str, request: Mapping[str, Any], day: date, scopes: Scopes) -> dict[str, Any]:
        """Return a page of `ListQuotesRequest` in the order of making, and where the next one begins if there is one.

        What no scope covers is left out as if it were not there. A page ends after a thousand rows, found or not.
        Raises PublicError read_model_behind.
        """
        if request.get("after") is not None:
            self.runner.wait_for(tenant, self.projection, request["after"], _WAIT_SECONDS)
        state = None if request.get("state") is None else QuoteState(request["state"])
        rows = self._rows(tenant, request, QuoteState.OPEN if state in _BY_THE_DAY else state, scopes)
        quotes: list[dict[str, Any]] = []
        for seen, (row, quote) in enumerate(self._opened(tenant, rows, day), start=1):
            if quote is not None and state in {None, quote["state"]}:
                quotes.append(quote)
            if seen < len(rows) and (len(quotes) == request["limit"] or seen == _MOST_OPENED):
                return {"quotes": quotes, "next_page": row[2]}
        return {"quotes": quotes}

    def _rows(
        self, tenant: str, request: Mapping[str, Any], state: QuoteState | None, scopes: Scopes
    ) -> Sequence[_Row]:
        by_the_day = state is QuoteState.OPEN
        wanted = {
            "tenant": tenant,
            "page_after": request.get("page_after", -1),
            "state": state,
            "customer_id": request.get("customer_id"),
            "holder": scopes.holder_id,
            "all": not all(scope.own_customers for scope in scopes.alternatives),
            "limit": (_MOST_OPENED if by_the_day else request["limit"]) + 1,
        }
        return fetch_live(self.pool, self.projection, tenant, _PAGE, wanted)

    def _opened(self, tenant: str, rows: Sequence[_Row], day: date) -> Iterator[tuple[_Row, dict[str, Any] | None]]:
        """Yield each row with what it says; None where the key was destroyed and the row has not gone yet."""
        for row in rows:
            quote_id, customer_id, _, state, key, sealed = row
            quote = None
            with suppress(KeyShredded):
                said = self.cells.open(QUOTES, tenant, quote_id, SealedCell(key, sealed))
                over = state == QuoteState.OPEN and day.isoformat() > said["valid_until"]
                quote = {
                    "quote_id": quote_id,
                    "customer_id": customer_id,
                    **said,
                    "state": QuoteState.EXPIRED.value if over else state,
                }
            yield row, quote


def _said(offered: Offered) -> dict[str, object]:
    return {
        "customer_name": offered.customer.name,
        "number": offered.number,
        "revision": offered.revision,
        "issue_date": offered.content.issue_date.isoformat(),
        "valid_until": offered.valid_until.isoformat(),
        "currency": offered.content.currency,
        "payable": str(offered.totals.payable),
    }
