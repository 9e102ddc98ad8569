"""A business that reminds, is paid, and gives up: whatever changes what its customers owe, at random."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.invoices.commands.reminders import ConfigureReminders, RecordBaseRate, RemindInvoice, WaiveClaim
from services.invoices.domain.claim import refund_claim_id
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.interest import BaseRate
from services.invoices.domain.reminder_policy import ReminderLevel, ReminderPolicy
from services.invoices.handlers import claims, reminder_policy, reminders
from services.invoices.history import reminder_of
from services.invoices.read_models.reading import Asked
from services.invoices.read_models.reports import Page, Reports
from shared.contracts.errors import PublicError
from shared.kernel.clock import FixedClock
from tests.integration.invoices.paying import Till, share
from tests.integration.invoices.test_life import credit
from tests.integration.invoices.trade import Trade, command_id, everything, line

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
RATE = BaseRate(date(2026, 1, 1), Decimal("1.27"), "made up for a test")
LEVELS = (ReminderLevel(1, 0, Decimal("5.00")), *(ReminderLevel(1, 0, Decimal("7.50"), interest=True),) * 3)
POLICY = ReminderPolicy("EUR", LEVELS, Decimal(0), Decimal(9), Decimal(5), Decimal("40.00"))
STEPS = (
    *("issue", "credit", "credit_alone", "pay", "pay_claim", "undo", "refund", "refund_credit", "reverse"),
    *("write_off", "write_off_claim", "remind", "waive"),
)


@dataclass
class Books:
    """What a business did, and where the log ended after each thing that it did."""

    trade: Trade
    customers: list[str] = field(default_factory=list)
    invoices: list[tuple[str, str, str]] = field(default_factory=list)
    """Id, customer, currency."""
    credit_notes: list[str] = field(default_factory=list)
    """Those that name no invoice."""
    payments: list[tuple[str, list[str]]] = field(default_factory=list)
    """Id, and what it was given to."""
    claims: list[tuple[str, str, str]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @classmethod
    def open(cls, trade: Trade) -> "Books":
        trade = replace(trade, ports=replace(trade.ports, clock=FixedClock(NOW)))
        trade.configure()
        for rate in (RATE, replace(RATE, valid_from=date(2026, 7, 1))):
            asked = RecordBaseRate(rate)
            reminder_policy.record_base_rate(trade.ports, asked, tenant=trade.tenant, command_id=command_id())
        asked_for = ConfigureReminders(POLICY)
        reminder_policy.configure_reminders(trade.ports, asked_for, tenant=trade.tenant, command_id=command_id())
        names = trade.customer("Hof van Fietsen B.V.", vat_id="NL123456782B90"), trade.customer("Zoë Muster")
        return cls(trade, list(names))

    @property
    def till(self) -> Till:
        return Till(self.trade)

    def step(self, name: str, choice: int) -> None:
        """Do one thing, if it can be done; a day passes."""
        try:
            getattr(self, name)(choice)
        except (PublicError, IndexError):
            return
        self.ends.append(self.trade.ports.log.head(self.trade.tenant).size - 1)
        clock: Any = self.trade.ports.clock
        clock.moment += timedelta(days=1)

    def statement(self, customer: str, as_of: int | None = None, *days: str | None) -> dict[str, Any]:
        page = Page(200, None, Asked(as_of=as_of))
        first, last = days or (None, None)
        return Reports(self.trade.queries).statement(self.trade.tenant, customer, (first, last), page, everything)

    def issue(self, choice: int) -> None:
        customer, currency = self.customers[choice % 2], "PLN" if choice == 5 else "EUR"
        issued = self.trade.issued(customer, line(str(choice + 1), "97.50"), currency=currency)
        self.invoices.append((issued.invoice_id, customer, currency))

    def credit(self, choice: int) -> None:
        note = credit(self.trade, self._invoice(choice)[0], "1" if choice % 2 else None)
        self.trade.issue(note.invoice_id)

    def credit_alone(self, choice: int) -> None:
        issued = self.trade.issued(
            self.customers[choice % 2], line("1", "1.25"), document_type=DocumentType.CREDIT_NOTE
        )
        self.credit_notes.append(issued.invoice_id)

    def pay(self, choice: int) -> None:
        """Part of an invoice, all of it, or more than all."""
        self._pay(*self._invoice(choice), choice)

    def pay_claim(self, choice: int) -> None:
        self._pay(*self._claim(choice), choice)

    def _pay(self, owed: str, customer: str, currency: str, choice: int) -> None:
        left = self.till.owed(owed)[1].owed
        part = left if choice % 3 else (left / 2).quantize(Decimal("0.01"))
        payment = self.till.recorded(customer, str(part + choice), share(owed, str(part)), currency=currency)
        self.payments.append((payment, [owed]))

    def undo(self, choice: int) -> None:
        payment, given = self._payment(choice)
        self.till.undo(payment, given[0])

    def refund(self, choice: int) -> None:
        self.till.refund(self._payment(choice)[0], "0.75")

    def refund_credit(self, choice: int) -> None:
        """Part of a credit note that names no invoice, or all of it."""
        note = self.credit_notes[choice % len(self.credit_notes or [""])]
        self.till.refund_credit(note, "0.75" if choice % 3 else "1.49")

    def reverse(self, choice: int) -> None:
        payment, _ = self._payment(choice)
        self.till.reverse(payment)
        told = self.till.payment(payment)
        if told.owed_back:
            self.claims.append((refund_claim_id(payment), told.recorded.customer_id, told.recorded.currency))

    def write_off(self, choice: int) -> None:
        self._write_off(self._invoice(choice)[0])

    def write_off_claim(self, choice: int) -> None:
        self._write_off(self._claim(choice)[0])

    def _write_off(self, owed: str) -> None:
        try:
            self.till.write_off(owed)
        except PublicError:
            self.till.reverse_write_off(owed)

    def remind(self, choice: int) -> None:
        invoice_id, *whose = self._invoice(choice)
        asked = RemindInvoice(invoice_id)
        (letter,) = reminders.remind_invoice(self.trade.ports, asked, tenant=self.trade.tenant, command_id=command_id())
        claim = reminder_of(letter.stream)
        if (claim, *whose) not in self.claims and letter.payload is not None:
            self.claims.append((claim, whose[0], whose[1]))

    def waive(self, choice: int) -> None:
        asked = WaiveClaim(self._claim(choice)[0], "goodwill")
        claims.waive_claim(self.trade.ports, asked, tenant=self.trade.tenant, command_id=command_id())

    def _invoice(self, choice: int) -> tuple[str, str, str]:
        return self.invoices[choice % len(self.invoices or [0])]

    def _payment(self, choice: int) -> tuple[str, list[str]]:
        return self.payments[choice % len(self.payments or [0])]

    def _claim(self, choice: int) -> tuple[str, str, str]:
        return self.claims[choice % len(self.claims or [0])]
