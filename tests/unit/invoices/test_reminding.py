"""Reminding beside everything that happens to invoices and payments: a simple model says what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from services.invoices.commands.payments import (
    RecordPayment,
    ReversePayment,
    ReverseWriteOff,
    Share,
    UndoAllocation,
    WriteOff,
)
from services.invoices.commands.reminders import (
    ConfigureReminders,
    HoldReminders,
    RecordBaseRate,
    RemindInvoice,
    ResumeReminders,
    WaiveClaim,
)
from services.invoices.domain import receivable as receivables_domain
from services.invoices.domain import reminding as domain
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.events.payments import Method
from services.invoices.domain.interest import BaseRate, Debt, half_year
from services.invoices.domain.receivable import Receivable
from services.invoices.domain.reminder_policy import ReminderLevel, ReminderPolicy
from services.invoices.handlers import claims, payments, receivables, reminder_policy, reminders
from services.invoices.history import payment_of, reminder_of
from services.invoices.ports import Ports
from shared.contracts.errors import PublicError
from tests.unit.invoices.contents import sold
from tests.unit.invoices.shop import Shop, command_id, everything
from tests.unit.invoices.test_life import outcome

LEVELS = (ReminderLevel(1, 1, Decimal("2.50"), interest=True), ReminderLevel(2, 2), ReminderLevel(3, 5, interest=True))
MOST_BILLS = 2
POLICY = ReminderPolicy("EUR", LEVELS, consumer_margin=Decimal(5))
PERCENT = Fraction(5) + 2


@dataclass
class Bill:
    """What an invoice, or a claim, must be, in cents."""

    amount: int
    due: date
    received: dict[str, tuple[int, date]] = field(default_factory=dict)
    less: int = 0
    """Credited, written off or waived."""
    written_off: int = 0
    days: list[date] = field(default_factory=list)
    """On which it was reminded of."""
    held: date | None = None
    claimed: Fraction = Fraction(0)
    """Interest, in cents."""

    @property
    def owed(self) -> int:
        return self.amount - self.less - self.written_off - sum(cents for cents, _ in self.received.values())

    def interest(self, day: date) -> Fraction:
        """In cents, by what was owed at the end of each day."""
        late = [self.due + timedelta(days=each) for each in range(1, (day - self.due).days + 1)]
        return sum((self.owed_on(each) * PERCENT / 36500 for each in late), Fraction(0))

    def owed_on(self, day: date) -> int:
        paid = sum(cents for cents, value_date in self.received.values() if value_date <= day)
        return max(self.amount - self.less - self.written_off - paid, 0)

    def next_reminder(self, day: date) -> str:
        if self.owed <= 0:
            return "nothing_owed"
        if self.held is not None and day <= self.held:
            return "reminders_held"
        if len(self.days) == len(LEVELS):
            return "reminders_exhausted"
        since = self.days[-1] if self.days else self.due
        return "done" if day >= since + timedelta(days=LEVELS[len(self.days)].days) else "reminder_not_due"


def euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


CENTS = st.integers(100_000, 9_000_000)


class Collecting(RuleBasedStateMachine):
    """Does the same to a business and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()
        self.ports: Ports = self.shop.ports
        self.bills: dict[str, Bill] = {}
        self.claims: dict[str, Bill] = {}
        self.do(reminder_policy.configure_reminders, ConfigureReminders(POLICY))
        self.know_rate()

    @property
    def today(self) -> date:
        return self.ports.clock.now().date()

    def do(self, act: Callable[..., Any], command: object, **more: object) -> Any:  # noqa: ANN401 -- as the handler's
        return act(self.ports, command, tenant=self.shop.tenant, command_id=command_id(), **more)

    def know_rate(self) -> None:
        rate = BaseRate(half_year(self.today), Decimal(2), "made up for a test")
        self.do(reminder_policy.record_base_rate, RecordBaseRate(rate))

    def pick(self, data: st.DataObject, among: dict[str, Bill]) -> tuple[str, Bill]:
        key = data.draw(st.sampled_from(list(among)))
        return key, among[key]

    @precondition(lambda self: len(self.bills) < MOST_BILLS)
    @rule(cents=CENTS, term=st.integers(0, 5))
    def issue(self, cents: int, term: int) -> None:
        due = self.today + timedelta(days=term)
        line = sold(str(euros(cents)), "1", "0", "Z")
        content = Content(DocumentType.INVOICE, self.shop.customer, self.today, "EUR", (line,), due_date=due)
        invoice_id = self.shop.draft(content).invoice_id
        self.shop.issue(invoice_id)
        self.bills[invoice_id] = Bill(cents, due)

    def wait(self, days: int) -> None:
        clock: Any = self.ports.clock
        clock.moment += timedelta(days=days)
        self.know_rate()

    @precondition(lambda self: self.bills)
    @rule(data=st.data(), percent=st.sampled_from([30, 60, 100, 110]), ago=st.integers(0, 12), claim=st.booleans())
    def pay(self, data: st.DataObject, percent: int, ago: int, *, claim: bool) -> None:
        key, bill = self.pick(data, self.claims if claim and self.claims else self.bills)
        given, day = max(bill.owed * percent // 100, 1), self.today - timedelta(days=ago)
        command = RecordPayment(
            self.shop.customer, euros(given), "EUR", day, Method.TRANSFER, allocations=(Share(key, euros(given)),)
        )
        expected = "nothing_owed" if bill.owed <= 0 else "more_than_owed" if given > bill.owed else "done"
        made: list[str] = []

        def act() -> None:
            made.append(payment_of(self.do(payments.record_payment, command, allow=everything).stream))

        assert outcome(act) == expected
        for payment in made:
            bill.received[payment] = given, day

    @precondition(lambda self: any(bill.received for bill in self.bills.values()))
    @rule(data=st.data(), bounced=st.booleans())
    def take_back(self, data: st.DataObject, *, bounced: bool) -> None:
        paid = {key: bill for key, bill in self.bills.items() if bill.received}
        key, bill = self.pick(data, paid)
        payment = data.draw(st.sampled_from(list(bill.received)))
        if bounced:
            self.do(payments.reverse_payment, ReversePayment(payment, self.today, "no funds"), allow=everything)
        else:
            self.do(payments.undo_allocation, UndoAllocation(payment, key, "another invoice"), allow=everything)
        del bill.received[payment]

    @precondition(lambda self: self.bills)
    @rule(data=st.data())
    def credit_in_full(self, data: st.DataObject) -> None:
        key, bill = self.pick(data, self.bills)
        if not bill.less:
            self.shop.issue(self.shop.credit(key).invoice_id)
            bill.less = bill.amount

    @precondition(lambda self: self.bills)
    @rule(data=st.data())
    def write_off(self, data: st.DataObject) -> None:
        key, bill = self.pick(data, self.bills)
        if bill.written_off:
            self.do(receivables.reverse_write_off, ReverseWriteOff(key, "the estate pays"))
            bill.written_off = 0
        elif bill.owed > 0:
            self.do(receivables.write_off, WriteOff(key, "insolvent"))
            bill.written_off = bill.owed

    @precondition(lambda self: self.bills)
    @rule(data=st.data(), days=st.none() | st.integers(0, 9))
    def hold(self, data: st.DataObject, days: int | None) -> None:
        key, bill = self.pick(data, self.bills)
        if days is None:
            expected = "done" if bill.held else "reminders_not_held"
            assert outcome(lambda: self.do(reminders.resume_reminders, ResumeReminders(key))) == expected
            bill.held = None
        else:
            bill.held = self.today + timedelta(days=days)
            self.do(reminders.hold_reminders, HoldReminders(key, "disputed", bill.held))

    @precondition(lambda self: self.bills)
    @rule(data=st.data(), days=st.integers(0, 9))
    def remind(self, data: st.DataObject, days: int) -> None:
        self.wait(days)
        key, bill = self.pick(data, self.bills)
        expected = bill.next_reminder(self.today)
        letters: list[Any] = []
        act = partial(self.do, reminders.remind_invoice, RemindInvoice(key))
        assert outcome(lambda: letters.extend(act())) == expected
        if expected != "done":
            return
        bill.days.append(self.today)
        receivable = self.receivable(key)
        reminder = receivable.reminders[-1]
        assert (reminder.level, reminder.day, reminder.balance) == (len(bill.days), self.today, euros(bill.owed))
        level = LEVELS[len(bill.days) - 1]
        assert reminder.fee == level.fee
        if level.interest:
            bill.claimed = max(bill.claimed, bill.interest(self.today))
        claimed = sum(Fraction(each.interest) for each in receivable.reminders)
        assert abs(claimed * 100 - bill.claimed) <= len(bill.received) + 3
        if reminder.claimed:
            self.claims[reminder_of(letters[0].stream)] = Bill(int(reminder.claimed * 100), reminder.pay_by)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def waive(self, data: st.DataObject) -> None:
        key, claim = self.pick(data, self.claims)
        expected = "done" if claim.owed > 0 else "nothing_owed"
        assert outcome(lambda: self.do(claims.waive_claim, WaiveClaim(key, "goodwill"))) == expected
        claim.less += claim.owed

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def remind_of_a_claim(self, data: st.DataObject) -> None:
        key, _ = self.pick(data, self.claims)
        assert outcome(lambda: self.do(reminders.remind_invoice, RemindInvoice(key))) == "invoice_unknown"

    @invariant()
    def everything_is_owed_what_the_model_says(self) -> None:
        for key, bill in {**self.bills, **self.claims}.items():
            receivable = self.receivable(key)
            assert receivable.owed == euros(bill.owed)
            assert [each.day for each in receivable.reminders] == bill.days

    def receivable(self, key: str) -> Receivable:
        return receivables.load_receivable(self.ports, self.shop.tenant, key)[0]


def run(examples: int, phases: tuple[Phase, ...]) -> None:
    # The same run each time: whether a fault is found is no matter of chance.
    chosen = settings(
        max_examples=examples, stateful_step_count=30, deadline=None, phases=phases, derandomize=True, database=None
    )
    run_state_machine_as_test(Collecting, settings=chosen)


def test_reminders_live_as_the_model_says() -> None:
    run(25, (Phase.generate, Phase.shrink))


def the_first_level(policy: ReminderPolicy, *_: object) -> ReminderLevel:
    return policy.levels[0]


FAULTS: dict[str, tuple[object, str, object]] = {
    "everything is always due": (domain, "level_due", the_first_level),
    "interest is claimed anew each time": (Receivable, "interest_claimed", Decimal(0)),
    "payments count from the day that they are looked at": (Debt, "balance", lambda debt, _: debt.amount),
    "what a reminder claims is forgotten": (reminders, "claim_of_reminder", lambda *_: None),
    "waived claims are owed": (receivables_domain, "ClaimWaived", type(None)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*FAULTS[fault])
    # Not made smaller: that it is found is all that is asked.
    with pytest.raises((AssertionError, ValueError, PublicError)):
        run(200, (Phase.generate,))
