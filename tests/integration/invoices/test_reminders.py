"""Reminders over a real log: each level once, never past a payment, whoever else is at it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from services.invoices.adapters.planner import Planner
from services.invoices.commands.reminders import ConfigureReminders, RemindCustomer, RemindInvoice, WaiveClaim
from services.invoices.domain.receivable import PaymentState
from services.invoices.domain.reminder_policy import ReminderLevel, ReminderPolicy
from services.invoices.handlers import claims, letters, reminder_policy, reminders
from services.invoices.handlers.letters import archive_letter
from services.invoices.history import reminder_of, reminder_stream
from services.invoices.read_models.invoices import NAME
from services.invoices.read_models.unsettled import overdue_invoices
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.integration.invoices.paying import Till, share
from tests.integration.invoices.trade import Trade, command_id, everything, refused_with

pytestmark = pytest.mark.integration
AT_ONCE = 6
POLICY = ReminderPolicy("EUR", (ReminderLevel(1, 0, Decimal("5.00")),))


@pytest.fixture
def till(trade: Trade) -> Till:
    configure(trade, POLICY)
    return Till(trade)


@pytest.fixture
def customer(trade: Trade) -> str:
    return trade.customer()


@pytest.fixture
def overdue(trade: Trade, customer: str) -> Callable[[], str]:
    """Issues another invoice over 23.21 to the customer, due on 2 June."""
    return lambda: trade.issued(customer).invoice_id


def configure(trade: Trade, policy: ReminderPolicy) -> None:
    asked = ConfigureReminders(policy)
    reminder_policy.configure_reminders(trade.ports, asked, tenant=trade.tenant, command_id=command_id())


def remind(trade: Trade, invoice_id: str) -> str:
    asked = RemindInvoice(invoice_id)
    (letter,) = reminders.remind_invoice(trade.ports, asked, tenant=trade.tenant, command_id=command_id())
    return reminder_of(letter.stream)


def listed(trade: Trade, customer: str | None = None) -> list[str]:
    """Ids of what the read model takes for overdue."""
    trade.runner.run_once()
    today = trade.ports.clock.now().date()
    found = overdue_invoices(trade.queries.pool, trade.queries.cells, NAME, trade.tenant, today, customer=customer)
    return [invoice_id for _, invoice_id in found]


def due(trade: Trade) -> list[tuple[str, int]]:
    trade.runner.run_once()
    today = trade.ports.clock.now().date()
    candidates = overdue_invoices(trade.queries.pool, trade.queries.cells, NAME, trade.tenant, today)
    found, _ = reminders.due_reminders(trade.ports, candidates, tenant=trade.tenant, day=today, limit=50)
    return [(each.invoice_id, each.level) for each in found]


def test_what_a_reminder_claims_is_owed_beside_the_invoice_and_paid_with_it(
    till: Till, customer: str, overdue: Callable[[], str]
) -> None:
    invoice = overdue()
    claim = remind(till.trade, invoice)
    assert [till.owed(each)[1].owed for each in (invoice, claim)] == [Decimal("23.21"), Decimal("5.00")]
    till.recorded(customer, "28.21", share(invoice, "23.21"), share(claim, "5.00"))
    assert [till.owed(each)[1].state for each in (invoice, claim)] == [PaymentState.PAID] * 2


def test_a_letter_is_archived_once_and_bound_by_the_log(till: Till, overdue: Callable[[], str]) -> None:
    trade, invoice = till.trade, overdue()
    reminder = remind(trade, invoice)
    with refused_with(ErrorCode.DOCUMENT_PENDING):
        letters.get_reminder(trade.ports, tenant=trade.tenant, reminder_id=reminder, allow=everything)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda each: archive_letter(each.ports, each.tenant, reminder), [trade, trade.process()]))
    letter = letters.get_reminder(trade.ports, tenant=trade.tenant, reminder_id=reminder, allow=everything)
    assert sha256(letter.content).hexdigest() == letter.digest
    assert len(trade.ports.log.load(trade.tenant, reminder_stream(reminder))) == 2
    assert letter.recipient_email == "administratie@hofvanfietsen.example"


def test_a_letter_of_nothing_is_unknown(till: Till) -> None:
    with refused_with(ErrorCode.REMINDER_UNKNOWN):
        letters.get_reminder(till.trade.ports, tenant=till.trade.tenant, reminder_id=new_id(), allow=everything)


def test_a_claim_is_waived_once(till: Till, overdue: Callable[[], str]) -> None:
    claim = remind(till.trade, overdue())
    asked, sent = WaiveClaim(claim, "goodwill"), {"tenant": till.trade.tenant}
    claims.waive_claim(till.trade.ports, asked, **sent, command_id=command_id())
    assert till.owed(claim)[1].state is PaymentState.WAIVED
    with refused_with(ErrorCode.NOTHING_OWED):
        claims.waive_claim(till.trade.ports, asked, **sent, command_id=command_id())


def test_what_is_due_is_listed_until_it_is_reminded_of_or_paid(
    till: Till, customer: str, overdue: Callable[[], str]
) -> None:
    first, second, third = overdue(), overdue(), overdue()
    assert due(till.trade) == [(first, 1), (second, 1), (third, 1)]
    remind(till.trade, first)
    payment = till.recorded(customer, "23.21", share(second, "23.21"))
    assert due(till.trade) == [(third, 1)]
    assert listed(till.trade, customer) == [first, third]
    till.undo(payment, second)
    till.write_off(third)
    assert due(till.trade) == [(second, 1)]
    till.reverse_write_off(third)
    assert listed(till.trade) == [first, second, third]


def test_a_customer_is_reminded_of_all_that_is_due_in_one_go_or_of_nothing(
    till: Till, customer: str, overdue: Callable[[], str]
) -> None:
    trade, invoices, command = till.trade, {overdue(), overdue()}, command_id()
    asked, ids = RemindCustomer(customer), listed(trade, customer)
    letters = reminders.remind_customer(trade.ports, asked, ids, tenant=trade.tenant, command_id=command)
    assert {each.payload["reminder"]["invoice_id"] for each in letters} == invoices  # type: ignore[index]  # as it was written
    again = reminders.remind_customer(trade.ports, asked, ids, tenant=trade.tenant, command_id=command)
    assert again == letters
    with refused_with(ErrorCode.REMINDER_NOT_DUE):
        reminders.remind_customer(trade.ports, asked, ids, tenant=trade.tenant, command_id=command_id())


def test_many_who_remind_at_once_write_one_reminder(till: Till, overdue: Callable[[], str]) -> None:
    invoice = overdue()

    def act(trade: Trade) -> None:
        with suppress(PublicError):
            remind(trade, invoice)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(act, [till.trade.process() for _ in range(AT_ONCE)]))
    assert len(till.owed(invoice)[0].reminders) == 1


def test_a_reminder_never_passes_a_payment_unseen(till: Till, customer: str, overdue: Callable[[], str]) -> None:
    invoices = [overdue() for _ in range(AT_ONCE)]
    payments = [till.recorded(customer, "23.21") for _ in invoices]

    def pay(one: tuple[Till, str, str]) -> int:
        return one[0].allocate(one[1], share(one[2], "23.21")).position

    def act(one: tuple[Till, str, str]) -> None:
        with suppress(PublicError):
            remind(one[0].trade, one[2])

    work = [(till.process(), *each) for each in zip(payments, invoices, strict=True)]
    with ThreadPoolExecutor(2 * AT_ONCE) as threads:
        paid, _ = threads.map(pay, work), list(threads.map(act, work))
        positions = dict(zip(invoices, paid, strict=True))
    reminded = {
        str(event.payload["invoice_id"]): event.position
        for event in till.trade.ports.log.read(till.trade.tenant)
        if event.type == "Reminded"
    }
    # Whoever was reminded had not paid yet: the reminder stands before the payment.
    assert all(position < positions[invoice] for invoice, position in reminded.items())


def test_the_planner_reminds_where_the_business_wants_it_and_once(till: Till, overdue: Callable[[], str]) -> None:
    trade, invoice, pool = till.trade, overdue(), till.trade.queries.pool

    def planner() -> Planner:
        cells = trade.queries.cells
        return Planner(
            trade.ports, pool, lambda _: (), lambda tenant, day: overdue_invoices(pool, cells, NAME, tenant, day)
        )

    trade.runner.run_once()
    planner().run_once(trade.tenant)
    assert till.owed(invoice)[0].reminders == ()
    configure(trade, replace(POLICY, automatic=True))
    for _ in range(2):
        planner().run_once(trade.tenant)
    assert [each.level for each in till.owed(invoice)[0].reminders] == [1]
    assert till.owed(invoice)[0].reminders[0].day - trade.ports.clock.now().date() <= timedelta(0)
