"""Entrypoints about what invoices are owed."""

from datetime import date
from typing import Any

from services.invoices.commands.payments import ReverseWriteOff, WriteOff
from services.invoices.dependencies import App
from services.invoices.domain.events import InvoiceIssued
from services.invoices.domain.events.reminders import RemindersHeld
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import deductions, receivables
from services.invoices.replies import reminder_shown
from shared.contracts import payments as contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query


class ReceivableEntrypoints(BaseService):
    """What invoices are owed, and what is not expected any more."""

    app: App

    @query(
        permission=Permission.PAYMENT_READ,
        request=contract.GetReceivableRequest,
        reply=contract.ReceivableReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_receivable(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return what an invoice is owed, and how it stands on a day."""
        day = date.fromisoformat(request["day"]) if "day" in request else self.app.ports.clock.now().date()
        receivable, standing = receivables.get_receivable(
            self.app.ports,
            tenant=call.require_tenant(),
            invoice_id=request["invoice_id"],
            day=day,
            allow=call.allow,
        )
        received, hold = sorted(receivable.received.items()), receivable.hold
        tenant, ports = call.require_tenant(), self.app.ports
        final = deductions.deducting(ports, tenant, receivable.invoice_id)
        deposits = deductions.deducted(ports, tenant, receivable.invoice_id)
        return {
            "invoice_id": receivable.invoice_id,
            "state": standing.state.value,
            "currency": receivable.currency,
            "due_date": receivable.due.isoformat(),
            "days_overdue": standing.days_overdue,
            "payable": receivable.payable,
            "credited": receivable.credited,
            "paid": receivable.paid,
            "written_off": receivable.written_off,
            "owed": standing.owed,
            "excess": standing.excess,
            "received": [{"payment_id": each, "amount": amount} for each, amount in received],
            "waived": receivable.waived,
            "reminders": [reminder_shown(each) for each in receivable.reminders],
            **({} if hold is None else {"reminders_held": _held(hold)}),
            **({} if final is None else {"deducted_by": _named(final)}),
            "deducts": [{**_named(deposit), "owed": owed} for deposit, owed in deposits],
        }

    @command(
        permission=Permission.INVOICE_WRITE_OFF,
        request=contract.WriteOffRequest,
        reply=contract.ReceivableReceipt,
    )
    def write_off(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Expect no more money for an invoice."""
        recorded = receivables.write_off(
            self.app.ports,
            WriteOff(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, {"invoice_id": request["invoice_id"], "position": recorded.position})

    @command(
        permission=Permission.INVOICE_WRITE_OFF,
        request=contract.WriteOffRequest,
        reply=contract.ReceivableReceipt,
    )
    def reverse_write_off(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Expect again what was written off."""
        recorded = receivables.reverse_write_off(
            self.app.ports,
            ReverseWriteOff(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, {"invoice_id": request["invoice_id"], "position": recorded.position})


def _named(issued: InvoiceIssued) -> dict[str, str]:
    return {"invoice_id": issued.invoice_id, "number": str(issued.number)}


def _held(hold: RemindersHeld) -> dict[str, str]:
    return {"reason": hold.reason, **({} if hold.until is None else {"until": hold.until.isoformat()})}
