"""Quotes in a list, as of a position and on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.invoices.domain.quote import QuoteState
from services.invoices.read_models.pages import Beginning, continued
from services.invoices.read_models.quotes import QUOTES
from services.invoices.read_models.reading import Asked, Reader, Row
from services.invoices.read_models.versions import as_of as stood
from shared.contracts.decision import Scopes

_MOST_OPENED = 1000
"""Rows that one page looks at: what is sealed is only seen when it is opened."""
_PAGE = f"""
    SELECT q.position, q.quote_id::text, q.since, q.key::text, q.sealed, q.customer_id::text, q.state
    FROM quotes q JOIN customers c USING (tenant, customer_id)
    WHERE q.tenant = %(tenant)s AND q.position > %(beyond)s AND {stood("q")} AND {stood("c")}
    AND (%(all)s OR c.registered_by::text = %(holder)s)
    AND (%(state)s::text IS NULL OR q.state = %(state)s)
    AND (%(customer_id)s::uuid IS NULL OR q.customer_id = %(customer_id)s::uuid)
    ORDER BY q.position LIMIT %(most)s
"""  # noqa: S608 -- parts are this service's own
_BY_THE_DAY = frozenset({QuoteState.OPEN, QuoteState.EXPIRED})
"""States that are one in the table."""


@dataclass(frozen=True, slots=True)
class QuoteQueries:
    """Reads one tenant's quotes."""

    reader: Reader

    def page(self, tenant: str, request: Mapping[str, Any], day: date, scopes: Scopes) -> dict[str, Any]:
        """Return a page of `ListQuotesRequest` in the order of making, and where the next one begins if there is one.

        What no scope covers is left out as if it were not there. A page ends after a thousand rows, found or not.
        Raises PublicError malformed_request for a page that there is not, and as `Reader.at`.
        """
        first = Beginning.read(request.get("page_after"), QUOTES, (int,))
        reading = self.reader.at(tenant, continued(Asked(request.get("after"), request.get("as_of")), first))
        state = None if request.get("state") is None else QuoteState(request["state"])
        most = _MOST_OPENED if state in _BY_THE_DAY else request["limit"]
        wanted = {
            "beyond": -1 if first is None else first.key[0],
            "state": QuoteState.OPEN if state in _BY_THE_DAY else state,
            "customer_id": request.get("customer_id"),
            "holder": scopes.holder_id,
            "all": not all(scope.own_customers for scope in scopes.alternatives),
            "most": most + 1,
        }
        rows = reading.look(_PAGE, wanted)
        quotes: list[dict[str, Any]] = []
        looked_at = rows[:most]
        last = looked_at[-1][0] if looked_at else -1
        for row, said in reading.opened(QUOTES, looked_at, lambda row: row[1:5]):
            quote = _shown(row, said, day)
            if state in {None, quote["state"]}:
                quotes.append(quote)
            if len(quotes) == request["limit"]:
                last = row[0]
                break
        more = bool(rows) and last < rows[-1][0]
        ends = {"next_page": Beginning(reading.as_of, QUOTES, (last,)).text()} if more else {}
        return {"quotes": quotes, "as_of": reading.as_of, **ends}


def _shown(row: Row, said: Mapping[str, Any], day: date) -> dict[str, Any]:
    _, quote_id, *_, customer_id, state = row
    over = state == QuoteState.OPEN and day.isoformat() > said["valid_until"]
    return {
        "quote_id": quote_id,
        "customer_id": customer_id,
        **said,
        "state": QuoteState.EXPIRED.value if over else state,
    }
