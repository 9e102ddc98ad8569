"""Entrypoints about payments: money that arrived, and which invoices it is for."""

from dataclasses import asdict
from typing import Any

from services.invoices.codec import read, written
from services.invoices.commands.payments import (
    AllocatePayment,
    RecordPayment,
    RefundCreditNote,
    RefundPayment,
    ReversePayment,
    UndoAllocation,
)
from services.invoices.dependencies import App
from services.invoices.domain.claim import refund_claim_id
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import credit_refunds, payments
from services.invoices.history import payment_of
from services.invoices.read_models.payer import suggestions
from services.invoices.replies import owed_again
from shared.contracts import payments as contract
from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from shared.eventstore.model import RecordedEvent
from shared.messaging.endpoints import BaseService, Call, command, query


class PaymentEntrypoints(BaseService):
    """Payments."""

    app: App

    @command(
        permission=Permission.PAYMENT_RECORD,
        request=contract.RecordPaymentRequest,
        reply=contract.PaymentReceipt,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def record_payment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write down money that arrived, once for each line of the bank."""
        recorded = payments.record_payment(
            self.app.ports,
            read(request, RecordPayment),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return self._receipted(call, recorded)

    @command(
        permission=Permission.PAYMENT_RECORD,
        request=contract.AllocatePaymentRequest,
        reply=contract.PaymentReceipt,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def allocate_payment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Set parts of a payment against invoices, all or none."""
        recorded = payments.allocate_payment(
            self.app.ports,
            read(request, AllocatePayment),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return self._receipted(call, recorded)

    @command(
        permission=Permission.PAYMENT_RECORD,
        request=contract.UndoAllocationRequest,
        reply=contract.PaymentReceipt,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def undo_allocation(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Take back all that a payment gave to an invoice."""
        recorded = payments.undo_allocation(
            self.app.ports,
            UndoAllocation(**request),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return self._receipted(call, recorded)

    @command(
        permission=Permission.PAYMENT_REFUND,
        request=contract.RefundPaymentRequest,
        reply=contract.PaymentReceipt,
    )
    def refund_payment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write down that money which was free went back."""
        recorded = payments.refund_payment(
            self.app.ports,
            read(request, RefundPayment),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return self._receipted(call, recorded)

    @command(
        permission=Permission.PAYMENT_REFUND,
        request=contract.RefundCreditNoteRequest,
        reply=contract.ReceivableReceipt,
    )
    def refund_credit_note(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write down that what a credit note gives by itself went back to the customer."""
        recorded = credit_refunds.refund_credit_note(
            self.app.ports,
            read(request, RefundCreditNote),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
        )
        return receipted(self.app, call, {"invoice_id": request["invoice_id"], "position": recorded.position})

    @command(
        permission=Permission.PAYMENT_RECORD,
        request=contract.ReversePaymentRequest,
        reply=contract.ReversalReceipt,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def reverse_payment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write down that the bank took a payment back: what it paid is owed again."""
        recorded = payments.reverse_payment(
            self.app.ports,
            read(request, ReversePayment),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return {**self._receipted(call, recorded[0]), **owed_again(recorded)}

    @query(
        permission=Permission.PAYMENT_READ,
        request=contract.GetPaymentRequest,
        reply=contract.PaymentReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_payment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a payment: what it is for, and what of it is free."""
        payment = payments.get_payment(self.app.ports, tenant=call.require_tenant(), allow=call.allow, **request)
        shares = [{"invoice_id": each, "amount": str(amount)} for each, amount in sorted(payment.allocated.items())]
        return {
            **written(payment.recorded),
            "allocations": shares,
            "refunded": payment.refunded,
            "free": payment.free,
            "reversed": payment.reversed,
            **({"refund_claim": refund_claim_id(payment.recorded.payment_id)} if payment.owed_back else {}),
        }

    @query(
        permission=Permission.PAYMENT_READ,
        request=contract.SuggestAllocationsRequest,
        reply=contract.SuggestAllocationsReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def suggest_allocations(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Suggest which invoices a payment may be meant for, and say why; nothing is booked."""
        tenant = call.require_tenant()
        payment = payments.get_payment(self.app.ports, tenant=tenant, allow=call.allow, **request)
        found = suggestions(self.app.queries, tenant, payment)
        return {"suggestions": [asdict(suggestion) for suggestion in found]}

    def _receipted(self, call: Call, recorded: RecordedEvent) -> dict[str, Any]:
        reply = {"payment_id": payment_of(recorded.stream), "position": recorded.position}
        return receipted(self.app, call, reply)
