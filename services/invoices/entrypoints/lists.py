"""Entrypoints that list."""

from datetime import date
from typing import Any

from services.invoices.dependencies import App
from services.invoices.read_models.filters import Wanted
from services.invoices.read_models.lists import list_invoices
from services.invoices.read_models.ordering import Order
from services.invoices.read_models.reading import Asked
from shared.contracts import lists as contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, query

_SEVERAL = ("states", "document_types", "payment_states")
_FILTERS = (
    *("customer_id", "customer_name", "number", "reference", "currency"),
    *("issue_from", "issue_to", "due_from", "due_to", "amount_from", "amount_to"),
)


class ListEntrypoints(BaseService):
    """Lists."""

    app: App

    @query(
        permission=Permission.INVOICE_READ,
        request=contract.ListInvoicesRequest,
        reply=contract.ListInvoicesReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.STATES),
    )
    def list_invoices(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a page of invoices: filtered, in some order, found by number, customer or reference."""
        found: dict[str, Any] = list_invoices(
            self.app.queries,
            call.require_tenant(),
            _wanted(request),
            call.scopes(),
            day=day_of(self.app, request),
            limit=request["limit"],
            order=Order(request["sort"], request["direction"] == "descending"),
            asked=asked_of(request),
            page_after=request.get("page_after"),
        )
        return found


def asked_of(request: dict[str, Any]) -> Asked:
    """Return when the answer is to be about."""
    return Asked(request.get("after"), request.get("as_of"))


def day_of(app: App, request: dict[str, Any]) -> date:
    """Return the day on which it is judged what is late; today (UTC) unless the request says another."""
    return date.fromisoformat(request["day"]) if "day" in request else app.ports.clock.now().date()


def _wanted(request: dict[str, Any]) -> Wanted:
    asked: dict[str, Any] = {name: tuple(request[name]) for name in _SEVERAL if name in request}
    return Wanted(**asked, **{name: request[name] for name in _FILTERS if name in request})
