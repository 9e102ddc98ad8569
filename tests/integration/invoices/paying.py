"""A business whose customers pay."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.invoices.commands.payments import (
    AllocatePayment,
    RecordPayment,
    RefundCreditNote,
    RefundPayment,
    ReversePayment,
    ReverseWriteOff,
    Share,
    UndoAllocation,
    WriteOff,
)
from services.invoices.domain.events.payments import Method
from services.invoices.domain.matching import Suggestion
from services.invoices.domain.payment import Payment
from services.invoices.domain.receivable import Receivable, Standing
from services.invoices.handlers import credit_refunds, payments, receivables
from services.invoices.history import payment_of
from services.invoices.read_models.payer import suggestions
from shared.eventstore.model import CommandId, RecordedEvent
from tests.integration.invoices.trade import Trade, command_id, everything

DAY = date(2026, 6, 20)


@dataclass
class Till:
    """What can be done about payments in one process of a business."""

    trade: Trade

    def process(self) -> "Till":
        """The same business in another process."""
        return Till(self.trade.process())

    def record(
        self,
        customer_id: str,
        amount: str,
        *shares: Share,
        command: CommandId | None = None,
        **more: Any,  # noqa: ANN401 -- as the command's
    ) -> RecordedEvent:
        asked = RecordPayment(customer_id, Decimal(amount), "EUR", DAY, Method.TRANSFER, allocations=shares)
        return payments.record_payment(self.trade.ports, replace(asked, **more), **self._sent(command))

    def recorded(self, customer_id: str, amount: str, *shares: Share, **more: Any) -> str:  # noqa: ANN401 -- as above
        return payment_of(self.record(customer_id, amount, *shares, **more).stream)

    def allocate(self, payment_id: str, *shares: Share, command: CommandId | None = None) -> RecordedEvent:
        return payments.allocate_payment(self.trade.ports, AllocatePayment(payment_id, shares), **self._sent(command))

    def undo(self, payment_id: str, invoice_id: str) -> None:
        asked = UndoAllocation(payment_id, invoice_id, "another invoice")
        payments.undo_allocation(self.trade.ports, asked, **self._sent())

    def refund(self, payment_id: str, amount: str) -> None:
        asked = RefundPayment(payment_id, Decimal(amount), DAY, "paid twice")
        payments.refund_payment(self.trade.ports, asked, tenant=self.trade.tenant, command_id=command_id())

    def refund_credit(self, credit_note_id: str, amount: str, command: CommandId | None = None) -> RecordedEvent:
        asked = RefundCreditNote(credit_note_id, Decimal(amount), DAY, "annual bonus")
        return credit_refunds.refund_credit_note(
            self.trade.ports, asked, tenant=self.trade.tenant, command_id=command or command_id()
        )

    def reverse(self, payment_id: str) -> None:
        payments.reverse_payment(self.trade.ports, ReversePayment(payment_id, DAY, "no funds"), **self._sent())

    def write_off(self, invoice_id: str) -> None:
        asked = WriteOff(invoice_id, "insolvent")
        receivables.write_off(self.trade.ports, asked, tenant=self.trade.tenant, command_id=command_id())

    def reverse_write_off(self, invoice_id: str) -> None:
        asked = ReverseWriteOff(invoice_id, "the estate pays")
        receivables.reverse_write_off(self.trade.ports, asked, tenant=self.trade.tenant, command_id=command_id())

    def payment(self, payment_id: str) -> Payment:
        return payments.get_payment(self.trade.ports, tenant=self.trade.tenant, payment_id=payment_id, allow=everything)

    def owed(self, invoice_id: str, day: date = DAY) -> tuple[Receivable, Standing]:
        return receivables.get_receivable(
            self.trade.ports, tenant=self.trade.tenant, invoice_id=invoice_id, day=day, allow=everything
        )

    def suggested(self, payment_id: str) -> tuple[Suggestion, ...]:
        self.trade.runner.run_once()
        return suggestions(self.trade.queries, self.trade.tenant, self.payment(payment_id))

    def _sent(self, command: CommandId | None = None) -> dict[str, Any]:
        return {"tenant": self.trade.tenant, "command_id": command or command_id(), "allow": everything}


def share(invoice_id: str, amount: str) -> Share:
    return Share(invoice_id, Decimal(amount))
