"""Reports: each opens the briefs of one moment of the log, works its rows out, and shows them page by page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.invoices.read_models import taxes
from services.invoices.read_models.aging import aged, open_claim, open_invoices
from services.invoices.read_models.claims import CLAIMS
from services.invoices.read_models.filters import ANY, Found, Wanted
from services.invoices.read_models.lists import Search
from services.invoices.read_models.pages import Beginning, continued, filled, part
from services.invoices.read_models.payments import PAYMENTS
from services.invoices.read_models.periods import Per, periods
from services.invoices.read_models.queries import Queries, as_scopes, require_customer
from services.invoices.read_models.reading import NOW, Asked, Reading
from services.invoices.read_models.statement import account, of_claim, of_document, of_payment
from services.invoices.read_models.taxes import Basis
from services.invoices.read_models.versions import as_of
from shared.contracts.conditions import ALWAYS
from shared.contracts.decision import Allow, Facts, Scopes

ALL = Scopes("", (ALWAYS,))
"""A report about the whole business shows all or nothing: its permission knows no conditions about customers."""
_ZERO = Decimal("0.00")
_ISSUED = replace(ANY, issued_only=True)
_OPEN = replace(_ISSUED, document_types=("invoice", "prepayment_invoice"))
_OF_CUSTOMERS = f"""
    SELECT r.position, r.{{id}}::text, r.since, r.key::text, r.sealed FROM {{table}} r
    WHERE r.tenant = %(tenant)s AND {as_of("r")} AND r.position > %(beyond)s
    AND (%(customer_id)s::uuid IS NULL OR r.customer_id = %(customer_id)s::uuid)
    AND EXISTS (SELECT FROM jsonb_to_recordset(%(scopes)s) AS scope (own boolean)
        WHERE NOT own OR EXISTS (SELECT FROM customers c WHERE c.tenant = r.tenant AND c.customer_id = r.customer_id
            AND {as_of("c")} AND c.registered_by::text = %(holder)s))
    ORDER BY r.position LIMIT %(most)s
"""  # noqa: S608 -- parts are this service's own
_QUERIES = {
    PAYMENTS: _OF_CUSTOMERS.format(table=PAYMENTS, id="payment_id"),
    CLAIMS: _OF_CUSTOMERS.format(table=CLAIMS, id="claim_id"),
}
"""Rows of these tables, by the table's name."""
_OF_PAYMENT = ("payment_id", "customer_id", "amount", "currency", "value_date", "method")


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a report, and as of when."""

    limit: int
    begins: str | None = None
    asked: Asked = NOW


@dataclass(frozen=True, slots=True)
class _Answer:
    """A report that is being worked out."""

    reading: Reading
    what: str
    limit: int
    begins: Beginning | None

    def page(self, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the page that was asked for, of all rows."""
        shown, more = part(rows, self.limit, self.what, self.reading.as_of, self.begins)
        return {name: shown, "as_of": self.reading.as_of, **more}


@dataclass(frozen=True, slots=True)
class Reports:
    """Works out the reports of one business at a time. Each raises PublicError as `Reader.at`, malformed_request."""

    queries: Queries

    def vat(self, tenant: str, first: date, last: date, per: Per, page: Page, *, basis: Basis) -> dict[str, Any]:
        """Return what was taxed, and the VAT on it, by period, category and rate."""
        answer = self._begin(tenant, page, "vat")
        briefs = (found.brief for found in self._found(answer.reading, self._of_days(first, last, basis)))
        rows = taxes.vat(briefs, list(periods(first, last, per)), basis)
        return answer.page("rows", rows)

    def revenue(self, tenant: str, first: date, last: date, per: Per, page: Page) -> dict[str, Any]:
        """Return what was invoiced, less what was credited, by period and currency."""
        answer = self._begin(tenant, page, "revenue")
        briefs = (found.brief for found in self._found(answer.reading, self._of_days(first, last, Basis.ISSUE_DATE)))
        rows = taxes.revenue(briefs, list(periods(first, last, per)))
        return answer.page("rows", rows)

    def open_items(self, tenant: str, wanted: Wanted, day: date, page: Page, scopes: Scopes) -> dict[str, Any]:
        """Return what is still owed, the longest due first; PublicError customer_unknown."""
        answer = self._begin(tenant, page, "open_items")
        _require_known(answer.reading, wanted)
        rows = sorted(self._open(answer.reading, wanted, day, scopes), key=_by_due_date)
        return answer.page("items", rows)

    def aging(self, tenant: str, wanted: Wanted, day: date, page: Page, scopes: Scopes) -> dict[str, Any]:
        """Return what is still owed by how late it is: in sum, and by customer; PublicError customer_unknown."""
        answer = self._begin(tenant, page, "aging")
        _require_known(answer.reading, wanted)
        totals, customers = aged(self._open(answer.reading, wanted, day, scopes))
        return {"totals": totals, **answer.page("customers", customers)}

    def statement(
        self, tenant: str, customer_id: str, days: tuple[str | None, str | None], page: Page, allow: Allow
    ) -> dict[str, Any]:
        """Return a customer's account between two days, None: without a bound.

        Raises PublicError customer_unknown, permission_denied.
        """
        answer = self._begin(tenant, page, "statement")
        customer, registered_by = require_customer(answer.reading, customer_id)
        allow(Facts(registered_by=registered_by))
        balances, shown = account(self._entries(answer.reading, customer_id), *days)
        head = {"customer_id": customer_id, "customer_name": customer["name"], "balances": balances}
        return {**head, **answer.page("entries", shown)}

    def payments(self, tenant: str, customer_id: str | None, page: Page, scopes: Scopes) -> dict[str, Any]:
        """Return payments in the order in which they were recorded, and what of each is free."""
        begins = Beginning.read(page.begins, "payments", (int,))
        reading = self.queries.reader.at(tenant, continued(page.asked, begins))
        beyond = -1 if begins is None else begins.key[0]
        rows: list[tuple[int, dict[str, Any]]] = []
        for row in self._rows(PAYMENTS, reading, customer_id, scopes, beyond):
            rows.append(row)
            if len(rows) > page.limit:
                break
        shown, more = filled(rows, page.limit, lambda row: _payment(row[1]))
        ends = {"next_page": Beginning(reading.as_of, "payments", (rows[len(shown) - 1][0],)).text()} if more else {}
        return {"payments": shown, "as_of": reading.as_of, **ends}

    def _begin(self, tenant: str, page: Page, what: str) -> "_Answer":
        begins = Beginning.read(page.begins, what, (int,))
        reading = self.queries.reader.at(tenant, continued(page.asked, begins))
        return _Answer(reading, what, page.limit, begins)

    def _found(self, reading: Reading, wanted: Wanted) -> Iterator[Found]:
        return Search(self.queries, reading, ALL, date.max, wanted).documents()

    def _open(self, reading: Reading, wanted: Wanted, day: date, scopes: Scopes) -> Iterator[dict[str, Any]]:
        asked = replace(wanted, issued_only=True, document_types=_OPEN.document_types)
        yield from open_invoices(Search(self.queries, reading, scopes, day, asked).documents(), day)
        for _, claim in self._rows(CLAIMS, reading, wanted.customer_id, scopes):
            item = open_claim(claim, day) if wanted.currency in {None, claim["currency"]} else None
            if item is not None:
                yield item

    def _entries(self, reading: Reading, customer_id: str) -> Iterator[dict[str, Any]]:
        """Yield what is in a customer's account."""
        for found in self._found(reading, replace(_ISSUED, customer_id=customer_id)):
            yield from of_document(found)
        claims = set()
        for position, claim in self._rows(CLAIMS, reading, customer_id, ALL):
            claims.add(claim["claim_id"])
            yield from of_claim(claim, position)
        for position, payment in self._rows(PAYMENTS, reading, customer_id, ALL):
            yield from of_payment(payment, position, claims)

    @staticmethod
    def _rows(
        table: str, reading: Reading, customer_id: str | None, scopes: Scopes, beyond: int = -1
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield payments or claims, of one customer or of all whom a scope covers, in the order of the log."""
        asked = {"customer_id": customer_id, "beyond": beyond, **as_scopes(scopes)}
        for rows in reading.walk(_QUERIES[table], asked):
            for row, content in reading.opened(table, rows, lambda row: row[1:]):
                yield row[0], content

    @staticmethod
    def _of_days(first: date, last: date, basis: Basis) -> Wanted:
        # What was supplied, or taxed, in the period may have been invoiced in any other.
        if basis is not Basis.ISSUE_DATE:
            return _ISSUED
        return replace(_ISSUED, issue_from=first.isoformat(), issue_to=last.isoformat())


def _by_due_date(item: dict[str, Any]) -> tuple[str, str, str]:
    """Return what orders open items; what has no number comes first, by its id."""
    return item["due_date"], item.get("number", ""), item["invoice_id"]


def _payment(payment: dict[str, Any]) -> dict[str, Any]:
    allocated = sum((Decimal(amount) for amount in payment.get("allocated", {}).values()), _ZERO)
    refunded = sum((Decimal(refund["amount"]) for refund in payment.get("refunds", ())), _ZERO)
    taken_back = "reversed" in payment
    free = _ZERO if taken_back else Decimal(payment["amount"]) - allocated - refunded
    return {
        **{name: payment[name] for name in _OF_PAYMENT},
        "allocated": str(allocated),
        "refunded": str(refunded),
        "free": str(free),
        "reversed": taken_back,
    }


def _require_known(reading: Reading, wanted: Wanted) -> None:
    """Refuse to say that a customer owes nothing whom the business does not have; PublicError customer_unknown."""
    if wanted.customer_id is not None:
        require_customer(reading, wanted.customer_id)
