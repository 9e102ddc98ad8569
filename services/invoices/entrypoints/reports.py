"""Entrypoints that report: taxes, revenue, what is open, accounts of customers, payments."""

from datetime import date
from typing import Any

from services.invoices.dependencies import App
from services.invoices.entrypoints.lists import asked_of, day_of
from services.invoices.read_models.filters import Wanted
from services.invoices.read_models.periods import Per
from services.invoices.read_models.reports import Page, Reports
from services.invoices.read_models.taxes import Basis
from shared.contracts import reports as contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, query


class ReportEntrypoints(BaseService):
    """Reports."""

    app: App

    @query(permission=Permission.REPORT_READ, request=contract.VatReportRequest, reply=contract.VatReportReply)
    def vat_report(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return what was taxed in a time, by period, VAT category and rate."""
        basis = Basis(request["basis"])
        return self._reports().vat(call.require_tenant(), *_days(request), _page(request), basis=basis)

    @query(permission=Permission.REPORT_READ, request=contract.RevenueRequest, reply=contract.RevenueReply)
    def revenue(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return what was invoiced in a time, less what was credited, by period and currency."""
        return self._reports().revenue(call.require_tenant(), *_days(request), _page(request))

    @query(
        permission=Permission.PAYMENT_READ,
        request=contract.OpenItemsRequest,
        reply=contract.OpenItemsReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def list_open_items(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return the invoices on which something is owed, the longest due first."""
        day = day_of(self.app, request)
        return self._reports().open_items(call.require_tenant(), _whose(request), day, _page(request), call.scopes())

    @query(
        permission=Permission.PAYMENT_READ,
        request=contract.OpenItemsRequest,
        reply=contract.AgingReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def aging(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return what is owed by how late it is, in sum and by customer."""
        day = day_of(self.app, request)
        return self._reports().aging(call.require_tenant(), _whose(request), day, _page(request), call.scopes())

    @query(
        permission=Permission.PAYMENT_READ,
        request=contract.StatementRequest,
        reply=contract.StatementReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_statement(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a customer's account: what was charged, what came in, what is left."""
        days = (request.get("first_day"), request.get("last_day"))
        return self._reports().statement(
            call.require_tenant(), request["customer_id"], days, _page(request), call.allow
        )

    @query(
        permission=Permission.PAYMENT_READ,
        request=contract.ListPaymentsRequest,
        reply=contract.ListPaymentsReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def list_payments(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return payments in the order in which they were recorded."""
        whose = request.get("customer_id")
        return self._reports().payments(call.require_tenant(), whose, _page(request), call.scopes())

    def _reports(self) -> Reports:
        return Reports(self.app.queries)


def _days(request: dict[str, Any]) -> tuple[date, date, Per]:
    first, last = (date.fromisoformat(request[name]) for name in ("first_day", "last_day"))
    return first, last, Per(request["per"])


def _page(request: dict[str, Any]) -> Page:
    return Page(request["limit"], request.get("page_after"), asked_of(request))


def _whose(request: dict[str, Any]) -> Wanted:
    return Wanted(customer_id=request.get("customer_id"), currency=request.get("currency"))
