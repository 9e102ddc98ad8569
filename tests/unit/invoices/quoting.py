"""A business that offers, and invoices what was accepted, over a log in memory (shop.py)."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.invoices.commands.payments import RecordPayment, Share
from services.invoices.commands.quotes import (
    AcceptQuote,
    ChangeQuote,
    DeclineQuote,
    ExtendQuote,
    InvoiceQuote,
    MakeQuote,
)
from services.invoices.domain.document.content import Content
from services.invoices.domain.events.payments import Method
from services.invoices.domain.quote import Quote
from services.invoices.handlers import invoicing_quotes, payments, quotes
from services.invoices.handlers.receivables import load_receivable
from services.invoices.history import load_quote, quote_of
from services.invoices.ports import Ports
from services.invoices.replies import Drafted
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.clock import FixedClock
from tests.unit.invoices.shop import Shop, command_id, everything


@dataclass
class Sales:
    """Quotes of one shop."""

    shop: Shop = field(default_factory=Shop)

    @property
    def ports(self) -> Ports:
        return self.shop.ports

    @property
    def today(self) -> date:
        return self.ports.clock.now().date()

    def wait(self, days: int) -> None:
        """Let time pass."""
        clock = self.ports.clock
        assert isinstance(clock, FixedClock)
        clock.moment += timedelta(days=days)

    def make(self, content: Content, valid_until: date, command: CommandId | None = None) -> RecordedEvent:
        return quotes.make_quote(self.ports, MakeQuote(content, valid_until), **self.call(command))

    def made(self, content: Content, valid_until: date) -> str:
        """Return the id of a new quote."""
        return quote_of(self.make(content, valid_until).stream)

    def change(self, quote_id: str, version: int, content: Content, valid_until: date) -> RecordedEvent:
        return quotes.change_quote(self.ports, ChangeQuote(quote_id, version, content, valid_until), **self.call())

    def extend(self, quote_id: str, valid_until: date) -> RecordedEvent:
        return quotes.extend_quote(self.ports, ExtendQuote(quote_id, valid_until), **self.call())

    def accept(self, quote_id: str, **more: Any) -> RecordedEvent:  # noqa: ANN401 -- as the command's
        asked = AcceptQuote(quote_id, "Mme. Dupont", **more)
        return quotes.accept_quote(self.ports, asked, **self.call())

    def decline(self, quote_id: str) -> RecordedEvent:
        return quotes.decline_quote(self.ports, DeclineQuote(quote_id, "too dear"), **self.call())

    def deposit(self, quote_id: str, percent: str, command: CommandId | None = None) -> Drafted:
        asked = InvoiceQuote(quote_id, Decimal(percent))
        return invoicing_quotes.invoice_quote(self.ports, asked, **self.call(command))

    def final(self, quote_id: str, command: CommandId | None = None) -> Drafted:
        return invoicing_quotes.invoice_quote(self.ports, InvoiceQuote(quote_id), **self.call(command))

    def pay(self, invoice_id: str, amount: Decimal | None = None) -> None:
        """Pay an invoice: all that it is owed, unless it is said how much."""
        receivable, _ = load_receivable(self.ports, self.shop.tenant, invoice_id)
        paid = receivable.owed if amount is None else amount
        allocations = (Share(invoice_id, paid),)
        asked = RecordPayment(
            receivable.customer_id, paid, receivable.currency, self.today, Method.TRANSFER, allocations=allocations
        )
        payments.record_payment(self.ports, asked, **self.call())

    def paid_deposit(self, quote_id: str, percent: str) -> str:
        """Return the id of a deposit that was issued and paid."""
        invoice_id = self.deposit(quote_id, percent).invoice_id
        self.shop.issue(invoice_id)
        self.pay(invoice_id)
        return invoice_id

    def found(self, quote_id: str) -> tuple[Quote, int]:
        """Return the quote and its version."""
        quote, version = load_quote(self.ports.log, self.shop.tenant, quote_id)
        assert quote is not None
        return quote, version

    def call(self, command: CommandId | None = None) -> dict[str, Any]:
        return {"tenant": self.shop.tenant, "command_id": command or command_id(), "allow": everything}
