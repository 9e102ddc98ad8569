"""Quotes in a list: ids, place and what the customer said in the clear, everything else sealed.

Whether an open one is over is nowhere written: it follows from the day that is asked about.
"""

from collections.abc import Mapping

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
from services.invoices.read_models.versions import Versions, version_id
from shared.eventstore.model import RecordedEvent

QUOTES = "quotes"
_VERSIONS = Versions(QUOTES, "quote_id", ("customer_id", "position", "state"))


class QuoteRows:
    """Part of the projection of invoices: it leaves no row of a customer who is forgotten."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent, change: QuoteEvent) -> None:
        """Change the quote's row; that of somebody who is forgotten is gone, and stays so."""
        match change:
            case QuoteMade() as made:
                cell = self._seal(event, made.quote_id, _said(made))
                values = (made.content.customer_id, event.position, QuoteState.OPEN.value)
                _VERSIONS.add(cursor, event, made.quote_id, cell, *values)
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
        standing = _VERSIONS.standing(cursor, event.tenant, quote_id)
        if standing is None:
            return
        since, cell = standing
        said = self._cells.open(QUOTES, event.tenant, version_id(quote_id, since), cell)
        _VERSIONS.change(cursor, event, quote_id, self._seal(event, quote_id, {**said, **more}), state=state)

    def _seal(self, event: RecordedEvent, quote_id: str, said: Mapping[str, object]) -> SealedCell:
        return self._cells.seal(QUOTES, event.tenant, version_id(quote_id, event.position), event.key, said)


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
