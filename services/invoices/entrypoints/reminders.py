"""Entrypoints about reminders: how the business reminds, of what, and what it claims for it."""

import base64
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from services.invoices.codec import read, written
from services.invoices.commands.reminders import (
    ConfigureReminders,
    HoldReminders,
    RecordBaseRate,
    RemindCustomer,
    RemindInvoice,
    ResumeReminders,
    WaiveClaim,
)
from services.invoices.dependencies import App
from services.invoices.domain.interest import BaseRate, total
from services.invoices.domain.reminder_policy import ReminderPolicy
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import claims, letters, reminder_policy, reminders
from services.invoices.history import load_reminding
from services.invoices.read_models.invoices import NAME
from services.invoices.read_models.unsettled import overdue_invoices
from services.invoices.replies import reminded
from shared.contracts import reminders as contract
from shared.contracts.conditions import Condition
from shared.contracts.invoices import DocumentReply
from shared.contracts.payments import ReceivableReceipt
from shared.contracts.permissions import Permission
from shared.eventstore.model import RecordedEvent
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class ReminderEntrypoints(BaseService):
    """Reminders, late interest and claims."""

    app: App

    @command(
        permission=Permission.TENANT_CONFIGURE,
        request=contract.ConfigureRemindersRequest,
        reply=contract.PositionReceipt,
        step_up=StepUp.ALWAYS,
    )
    def configure_reminders(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Say how the business reminds from now on; with a fresh proof, as it may claim money by itself then."""
        asked = ConfigureReminders(read(request, ReminderPolicy))
        return self._placed(call, reminder_policy.configure_reminders(self.app.ports, asked, **_sent(call)))

    @command(
        permission=Permission.TENANT_CONFIGURE,
        request=contract.RecordBaseRateRequest,
        reply=contract.PositionReceipt,
        step_up=StepUp.ALWAYS,
    )
    def record_base_rate(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write the base rate of a half-year down, or correct it; with a fresh proof, as claims are computed by it."""
        asked = RecordBaseRate(read(request, BaseRate))
        return self._placed(call, reminder_policy.record_base_rate(self.app.ports, asked, **_sent(call)))

    @query(
        permission=Permission.REMINDER_SEND,
        request=contract.GetReminderPolicyRequest,
        reply=contract.ReminderPolicyReply,
    )
    def get_reminder_policy(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 -- it is empty
        """Return how the business reminds, and the base rates that it recorded."""
        reminding, _ = load_reminding(self.app.ports.log, call.require_tenant())
        policy = {} if reminding.policy is None else {"policy": written(reminding.policy)}
        return {**policy, "base_rates": [written(rate) for _, rate in sorted(reminding.rates.items())]}

    @query(permission=Permission.REMINDER_SEND, request=contract.DueRemindersRequest, reply=contract.DueRemindersReply)
    def due_reminders(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return the invoices whose next reminder is due, in the order of their issue."""
        tenant, day = call.require_tenant(), self._day(request)
        overdue = self._overdue(tenant, day, request.get("customer_id"), request["page_after"])
        found, next_page = reminders.due_reminders(
            self.app.ports, overdue, tenant=tenant, day=day, limit=request["limit"]
        )
        shown = [{**asdict(each), "due_date": each.due_date.isoformat()} for each in found]
        return {"reminders": shown, **({} if next_page is None else {"next_page": next_page})}

    @command(permission=Permission.REMINDER_SEND, request=contract.RemindInvoiceRequest, reply=contract.RemindReply)
    def remind_invoice(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write the next reminder of an invoice; its letter is drawn and mailed afterwards."""
        written = reminders.remind_invoice(self.app.ports, RemindInvoice(**request), **_sent(call))
        return self._reminded(call, written)

    @command(permission=Permission.REMINDER_SEND, request=contract.RemindCustomerRequest, reply=contract.RemindReply)
    def remind_customer(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write the next reminder of each of a customer's invoices that is due, all or none."""
        asked, tenant = RemindCustomer(**request), call.require_tenant()
        overdue = self._overdue(tenant, self._day({}), asked.customer_id)
        ids = [invoice_id for _, invoice_id in overdue]
        return self._reminded(call, reminders.remind_customer(self.app.ports, asked, ids, **_sent(call)))

    @command(permission=Permission.REMINDER_SEND, request=contract.HoldRemindersRequest, reply=ReceivableReceipt)
    def hold_reminders(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Remind nobody of an invoice for now, because it is disputed for example."""
        recorded = reminders.hold_reminders(self.app.ports, read(request, HoldReminders), **_sent(call))
        return receipted(self.app, call, {"invoice_id": request["invoice_id"], "position": recorded.position})

    @command(permission=Permission.REMINDER_SEND, request=contract.ResumeRemindersRequest, reply=ReceivableReceipt)
    def resume_reminders(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Remind of an invoice again."""
        recorded = reminders.resume_reminders(self.app.ports, ResumeReminders(**request), **_sent(call))
        return receipted(self.app, call, {"invoice_id": request["invoice_id"], "position": recorded.position})

    @command(permission=Permission.INVOICE_WRITE_OFF, request=contract.WaiveClaimRequest, reply=contract.ClaimReceipt)
    def waive_claim(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Give up what is still owed of a claim: of a reminder's fee, interest and compensation."""
        recorded = claims.waive_claim(self.app.ports, WaiveClaim(**request), **_sent(call))
        return receipted(self.app, call, {"claim_id": request["claim_id"], "position": recorded.position})

    @query(
        permission=Permission.PAYMENT_READ,
        request=contract.LateInterestRequest,
        reply=contract.LateInterestReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def late_interest(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return the interest that the law gives on an invoice that is paid late, and how it comes about."""
        case, lines = reminders.get_interest(
            self.app.ports,
            tenant=call.require_tenant(),
            invoice_id=request["invoice_id"],
            day=self._day(request),
            allow=call.allow,
        )
        return {
            "invoice_id": request["invoice_id"],
            "currency": case.receivable.currency,
            "last_day_to_pay": case.debt.last_day.isoformat(),
            "lines": [{**written(line), "days": line.days, "amount": str(line.amount)} for line in lines],
            "interest": total(lines),
            "claimed": case.receivable.interest_claimed,
        }

    @query(
        permission=Permission.DOCUMENT_READ,
        request=contract.GetReminderRequest,
        reply=DocumentReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_reminder(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a reminder's letter, how to send it, and the proof that goes with it."""
        tenant = call.require_tenant()
        letter = letters.get_reminder(self.app.ports, tenant=tenant, allow=call.allow, **request)
        content = base64.b64encode(letter.content).decode()
        proof = self.app.log_access.receipt(tenant, letter.position)
        return {**asdict(letter), "content_base64": content, "proof": proof}

    def _overdue(
        self, tenant: str, day: date, customer_id: str | None, page_after: int = -1
    ) -> Iterator[tuple[int, str]]:
        queries = self.app.queries
        return overdue_invoices(
            queries.pool, queries.cells, NAME, tenant, day, customer=customer_id, page_after=page_after
        )

    def _day(self, request: dict[str, Any]) -> date:
        return date.fromisoformat(request["day"]) if "day" in request else self.app.ports.clock.now().date()

    def _placed(self, call: Call, position: int) -> dict[str, Any]:
        return receipted(self.app, call, {"position": position})

    def _reminded(self, call: Call, written: list[RecordedEvent]) -> dict[str, Any]:
        told = {"reminders": [reminded(letter) for letter in written], "position": written[-1].position}
        return receipted(self.app, call, told)


def _sent(call: Call) -> dict[str, Any]:
    return {"tenant": call.require_tenant(), "command_id": call.require_command()}
