"""The list of documents: filters, orders, exact search, pages.

What is in the clear (whose, state, place, blind indexes) is filtered by the database; what is sealed (dates, amounts,
how it is paid) after it was opened, thousands of briefs a list if need be. In the order of drafting only as much is
opened as the page takes.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import InvalidOperation
from itertools import islice
from typing import Any

from services.invoices.domain import refusals
from services.invoices.read_models.documents import INVOICES
from services.invoices.read_models.filters import ANY, Found, Wanted
from services.invoices.read_models.ordering import BY_DRAFTING, DRAFTED, Key, Order
from services.invoices.read_models.pages import Beginning, continued, filled
from services.invoices.read_models.queries import Queries, as_scopes
from services.invoices.read_models.reading import NOW, Asked, Reading
from services.invoices.read_models.versions import as_of
from shared.contracts.decision import Scopes
from shared.contracts.lists import MAX_PAGE

_OF_BRIEF = ("customer_name", "number", "document_type", "issue_date", "due_date", "currency", "payable")

_BRIEFS = f"""
    SELECT i.position, i.invoice_id::text, i.customer_id::text, i.state, i.issued, i.since, i.key::text, i.sealed
    FROM invoices i WHERE i.tenant = %(tenant)s AND {as_of("i")}
"""  # noqa: S608 -- parts are this service's own
_FORWARDS = " AND i.position > %(beyond)s ORDER BY i.position LIMIT %(most)s"
_BACKWARDS = " AND i.position < %(beyond)s ORDER BY i.position DESC LIMIT %(most)s"
# What the caller's grants cover: any one of the scopes is enough.
_WITHIN = f""" AND EXISTS (
    SELECT FROM jsonb_to_recordset(%(scopes)s) AS scope (own boolean, states text[])
    WHERE (states IS NULL OR i.state = ANY (states)) AND (NOT own OR EXISTS (
        SELECT FROM customers c WHERE c.tenant = i.tenant AND c.customer_id = i.customer_id AND {as_of("c")}
        AND c.registered_by::text = %(holder)s)))
"""  # noqa: S608 -- as above
_CLEAR: Mapping[str, str] = {
    "customer_id": " AND i.customer_id = %(customer_id)s",
    "states": " AND i.state = ANY (%(states)s)",
    "issued_only": " AND i.issued IS NOT NULL",
    "customer_name": f""" AND i.customer_id IN (SELECT c.customer_id FROM customers c
        WHERE c.tenant = %(tenant)s AND c.name_index = %(customer_name)s AND {as_of("c")})""",  # noqa: S608 -- as above
    "number": """ AND i.invoice_id IN (SELECT n.invoice_id FROM numbers n
        WHERE n.tenant = %(tenant)s AND n.number_index = %(number)s AND n.since <= %(as_of)s)""",
    "reference": f""" AND i.invoice_id IN (SELECT r.invoice_id FROM document_references r
        WHERE r.tenant = %(tenant)s AND r.reference_index = ANY (%(reference)s) AND {as_of("r")})""",  # noqa: S608 -- as above
}
"""Filters that the database can apply, by what they ask for."""


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for, and what they may see."""

    queries: Queries
    reading: Reading
    scopes: Scopes
    day: date
    """On which day it is judged how documents stand."""
    wanted: Wanted = ANY

    def documents(
        self, *, backwards: bool = False, beyond: int | None = None, enough: int = MAX_PAGE
    ) -> Iterator[Found]:
        """Yield what is wanted and covered by a scope, in the order of drafting or against it, from a place on.

        `enough`: how many the caller takes if there are so many; only so many rows are fetched at first.
        """
        clear = self.wanted.clear(self.queries.search, self.reading.tenant)
        asked = {**clear, **as_scopes(self.scopes), **({} if beyond is None else {"beyond": beyond})}
        query = _BRIEFS + _WITHIN + "".join(_CLEAR[name] for name in clear) + (_BACKWARDS if backwards else _FORWARDS)
        for rows in self.reading.walk(query, asked, backwards=backwards, first=enough):
            for row, brief in self.reading.opened(INVOICES, rows, lambda row: (row[1], *row[5:])):
                found = Found(row[0], row[1], row[2], row[3], row[4], brief)
                if self.wanted.fits(found, self.day):
                    yield found

    def first(self, most: int, order: Order, begins: Beginning | None) -> list[Found]:
        """Return the first of these documents in an order, from a page's beginning on."""
        if order.by == DRAFTED:
            beyond = None if begins is None else begins.key[2]
            return list(islice(self.documents(backwards=order.backwards, beyond=beyond, enough=most), most))

        def rank(each: Found) -> Key:
            return order.rank(order.key(each.brief, each.position, each.issued))

        found: Iterable[Found] = self.documents()
        if begins is not None:
            before = _rank_of(order, begins.key)
            found = (each for each in found if rank(each) > before)
        return heapq.nsmallest(most, found, key=rank)


def list_invoices(
    queries: Queries,
    tenant: str,
    wanted: Wanted,
    scopes: Scopes,
    *,
    day: date,
    limit: int,
    order: Order = BY_DRAFTING,
    asked: Asked = NOW,
    page_after: str | None = None,
) -> dict[str, Any]:
    """Return a page, where the next one begins when there is one, and as of which position.

    What no scope covers is left out as if it were not there. Raises PublicError malformed_request (`page_after`), and
    as `Reader.at`.
    """
    begins = Beginning.read(page_after, order.what, order.kinds)
    reading = queries.reader.at(tenant, continued(asked, begins))
    found = Search(queries, reading, scopes, day, wanted).first(limit + 1, order, begins)
    page, more = filled(found, limit, lambda each: _summary(each, day))
    reply = {"invoices": page, "as_of": reading.as_of}
    if not more:
        return reply
    last = found[len(page) - 1]
    key = order.key(last.brief, last.position, last.issued)
    return {**reply, "next_page": Beginning(reading.as_of, order.what, key).text()}


def _rank_of(order: Order, key: Key) -> Key:
    try:
        return order.rank(key)
    except InvalidOperation:
        raise refusals.page_unknown() from None


def _summary(found: Found, day: date) -> dict[str, Any]:
    stands = found.standing(day)
    return {
        "invoice_id": found.invoice_id,
        "customer_id": found.customer_id,
        "state": found.state,
        **{name: found.brief[name] for name in _OF_BRIEF if name in found.brief},
        **({} if stands is None else {"payment_state": stands.state.value, "owed": str(stands.owed)}),
    }
