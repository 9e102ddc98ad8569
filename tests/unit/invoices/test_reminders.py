"""Reminding: who is reminded of what, when, and what it claims."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.invoices.domain.claim import claim_of_reminder, claimed_in, decide_waiver
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content, DocumentType, PaymentTerms
from services.invoices.domain.document.parties import Customer
from services.invoices.domain.document.terms import last_day_to_pay
from services.invoices.domain.events import InvoiceDrafted, InvoiceIssued
from services.invoices.domain.events.claims import Cause
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.domain.interest import BaseRate, total
from services.invoices.domain.invoice import fold
from services.invoices.domain.receivable import PaymentState, Receivable, receivable_after, standing
from services.invoices.domain.reminder_policy import (
    LevelText,
    ReminderLevel,
    ReminderPolicy,
    require_known_rate,
    require_sound,
)
from services.invoices.domain.reminding import (
    Case,
    Reminding,
    decide_hold,
    decide_reminder,
    decide_resuming,
    level_due,
)
from services.invoices.domain.series import DocumentNumber
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.samples import CUSTOMER, SELLER, line

DUE = date(2026, 6, 30)
FIRST, SECOND = ReminderLevel(7, 10), ReminderLevel(14, 7, Decimal("5.00"), interest=True)
POLICY = ReminderPolicy(
    "EUR",
    (FIRST, SECOND),
    least=Decimal(5),
    business_margin=Decimal(9),
    consumer_margin=Decimal(5),
    compensation=Decimal(40),
)
RATES = {
    day: BaseRate(day, Decimal(percent), "made up for a test")
    for day, percent in [(date(2026, 1, 1), "2"), (date(2026, 7, 1), "1")]
}
REMINDING = Reminding(POLICY, RATES)
CONTENT = Content(DocumentType.INVOICE, CUSTOMER.customer_id, date(2026, 6, 16), "EUR", (line(),), due_date=DUE)


def refused(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def owed(payable: str = "1000.00") -> Receivable:
    return Receivable("i1", CUSTOMER.customer_id, "EUR", DUE, Decimal(payable))


def case_of(
    receivable: Receivable, customer: Customer = CUSTOMER, value_dates: Mapping[str, date] | None = None
) -> Case:
    number = DocumentNumber("INV", 1, "INV-000001")
    moment = "2026-06-16T09:00:00.000000Z"
    issued = InvoiceIssued("i1", number, moment, SELLER, CUSTOMER, "EUR", calculate(CONTENT))
    invoice = fold([InvoiceDrafted("i1", CONTENT), issued])
    assert invoice is not None
    return Case(invoice, receivable, value_dates or {}, Decimal("0.00"), customer)


def reminded(case: Case, day: date, reminding: Reminding = REMINDING, reminder_id: str = "r1") -> ReminderWritten:
    return decide_reminder(reminding, case, reminder_id=reminder_id, seller=SELLER, now=on(day))


def after(case: Case, written: ReminderWritten) -> Case:
    return replace(case, receivable=receivable_after(case.receivable, written.reminder))


BUSINESS = replace(CUSTOMER, vat_id="NL001234567B01")
CONSUMER = replace(CUSTOMER, vat_id=None, registration=None, electronic_address=None)


def test_the_first_reminder_is_due_days_after_the_due_date() -> None:
    with refused(ErrorCode.REMINDER_NOT_DUE) as refusal:
        level_due(POLICY, owed(), DUE + timedelta(days=6))
    assert refusal.value.details == {"from": "2026-07-07"}
    assert level_due(POLICY, owed(), DUE + timedelta(days=7)) is FIRST


def test_the_next_level_is_due_days_after_the_reminder_before_it_however_late_that_was() -> None:
    late = DUE + timedelta(days=100)
    case = case_of(owed())
    case = after(case, reminded(case, late))
    with refused(ErrorCode.REMINDER_NOT_DUE):
        level_due(POLICY, case.receivable, late + timedelta(days=13))
    assert level_due(POLICY, case.receivable, late + timedelta(days=14)) is SECOND


def test_after_the_last_level_there_is_none() -> None:
    case = case_of(owed())
    for day in (DUE + timedelta(days=7), DUE + timedelta(days=21)):
        case = after(case, reminded(case, day))
    with refused(ErrorCode.REMINDERS_EXHAUSTED):
        reminded(case, DUE + timedelta(days=999))


@pytest.mark.parametrize("settled", [{"received": {"p1": Decimal(1000)}}, {"credited": Decimal(1000)}])
def test_nobody_is_reminded_of_what_is_settled(settled: dict[str, object]) -> None:
    with refused(ErrorCode.NOTHING_OWED):
        level_due(POLICY, replace(owed(), **settled), DUE + timedelta(days=30))  # type: ignore[arg-type]  # as named


def test_nobody_is_reminded_of_less_than_the_business_reminds_of() -> None:
    with refused(ErrorCode.REMINDER_NOT_DUE):
        level_due(POLICY, owed("4.99"), DUE + timedelta(days=30))
    assert level_due(POLICY, replace(owed("4.99"), currency="JPY"), DUE + timedelta(days=30)) is FIRST


def test_what_is_held_back_is_not_reminded_of_until_the_day_after_or_somebody_says_so() -> None:
    until = DUE + timedelta(days=20)
    held = receivable_after(owed(), decide_hold(owed(), "disputed", until, DUE))
    with refused(ErrorCode.REMINDERS_HELD) as refusal:
        level_due(POLICY, held, until)
    assert refusal.value.details == {"until": until.isoformat()}
    assert level_due(POLICY, held, until + timedelta(days=1)) is FIRST
    forever = receivable_after(held, decide_hold(held, "in court", None, DUE))
    with refused(ErrorCode.REMINDERS_HELD):
        level_due(POLICY, forever, date(2099, 1, 1))
    resumed = receivable_after(forever, decide_resuming(forever))
    assert level_due(POLICY, resumed, until) is FIRST
    with refused(ErrorCode.REMINDERS_NOT_HELD):
        decide_resuming(resumed)
    with refused(ErrorCode.MALFORMED_REQUEST):
        decide_hold(owed(), "disputed", DUE - timedelta(days=1), DUE)


def test_a_reminder_says_what_is_owed_and_gives_a_new_term() -> None:
    written = reminded(case_of(owed()), DUE + timedelta(days=9))
    assert (written.reminder.level, written.reminder.balance) == (1, Decimal(1000))
    assert written.reminder.pay_by == DUE + timedelta(days=19)
    assert written.reminder.claimed == 0
    assert claim_of_reminder(written) is None


def test_a_business_owes_fee_interest_and_compensation_from_the_level_that_says_so() -> None:
    case = case_of(owed(), BUSINESS)
    case = after(case, reminded(case, DUE + timedelta(days=7)))
    written = reminded(case, DUE + timedelta(days=31))
    # 1000.00 x (1 + 9) % x 31 days / 365 = 8.493…
    assert (written.reminder.fee, written.reminder.interest) == (Decimal("5.00"), Decimal("8.49"))
    assert written.reminder.compensation == Decimal("40.00")
    assert written.total == Decimal("1053.49")
    claim = claim_of_reminder(written)
    assert claim is not None
    assert (claim.claim_id, claim.cause, claim.amount) == ("r1", Cause.REMINDER, Decimal("53.49"))


def test_a_consumer_owes_less_interest_and_no_compensation() -> None:
    case = case_of(owed(), CONSUMER)
    case = after(case, reminded(case, DUE + timedelta(days=7)))
    written = reminded(case, DUE + timedelta(days=31))
    assert (written.reminder.interest, written.reminder.compensation) == (Decimal("5.10"), Decimal(0))


def test_interest_is_claimed_once_and_compensation_too() -> None:
    levels = replace(POLICY, levels=(replace(SECOND, days=1), SECOND))
    reminding = Reminding(levels, RATES)
    case = case_of(owed(), BUSINESS)
    first = reminded(case, DUE + timedelta(days=31), reminding)
    case = after(case, first)
    second = reminded(case, DUE + timedelta(days=62), reminding)
    assert first.reminder.interest + second.reminder.interest == total(second.lines)
    assert (first.reminder.compensation, second.reminder.compensation) == (Decimal(40), Decimal(0))


def test_a_payment_that_arrived_before_the_last_reminder_lowers_the_next_one_and_never_below_nothing() -> None:
    policy = replace(POLICY, levels=(replace(SECOND, days=1), SECOND), least=Decimal(0))
    reminding = Reminding(policy, RATES)
    case = case_of(owed(), BUSINESS)
    case = after(case, reminded(case, DUE + timedelta(days=31), reminding))
    paid = replace(case.receivable, received={"p1": Decimal("999.00")})
    case = replace(case, receivable=paid, value_dates={"p1": DUE})
    assert reminded(case, DUE + timedelta(days=60), reminding).reminder.interest == 0


def test_what_is_owed_in_another_currency_bears_no_fee_of_ours_but_its_interest() -> None:
    case = case_of(replace(owed(), currency="PLN"), BUSINESS)
    case = after(case, reminded(case, DUE + timedelta(days=7)))
    claimed = reminded(case, DUE + timedelta(days=31)).reminder
    assert (claimed.fee, claimed.compensation, claimed.interest) == (Decimal(0), Decimal(0), Decimal("8.49"))


def test_without_a_base_rate_nothing_is_claimed_and_nobody_is_reminded() -> None:
    case = case_of(owed(), BUSINESS)
    case = after(case, reminded(case, DUE + timedelta(days=7)))
    with refused(ErrorCode.BASE_RATE_MISSING):
        reminded(case, DUE + timedelta(days=31), replace(REMINDING, rates={}))


def test_the_business_says_it_in_its_own_words_where_it_has_some_in_the_language() -> None:
    words = LevelText("en", "Our kind request", "Please pay.")
    policy = replace(POLICY, levels=(replace(FIRST, texts=(words,)), SECOND))
    english = replace(CUSTOMER, language="en")
    day = DUE + timedelta(days=7)
    own = reminded(case_of(owed(), english), day, Reminding(policy, RATES))
    assert (own.language, own.title, own.text) == ("en", "Our kind request", "Please pay.")
    other = reminded(case_of(owed(), replace(CUSTOMER, language="fr")), day, Reminding(policy, RATES))
    assert (other.language, other.title, other.text) == ("fr", None, None)


def test_a_claim_is_waived_for_what_is_still_owed_of_it() -> None:
    case = case_of(owed(), BUSINESS)
    case = after(case, reminded(case, DUE + timedelta(days=7)))
    raised = claim_of_reminder(reminded(case, DUE + timedelta(days=31)))
    assert raised is not None
    claim = claimed_in([raised])
    assert claim is not None
    paid = replace(claim, received={"p1": Decimal("50.00")})
    waived = receivable_after(paid, decide_waiver(paid, "goodwill"))
    assert (waived.waived, waived.owed) == (Decimal("3.49"), Decimal(0))
    assert standing(waived, DUE).state is PaymentState.WAIVED
    with refused(ErrorCode.NOTHING_OWED):
        decide_waiver(waived, "goodwill")


def test_a_level_waits_for_longer_than_the_term_before_it() -> None:
    with refused(ErrorCode.REMINDER_POLICY_INVALID) as refusal:
        require_sound(replace(POLICY, levels=(FIRST, replace(SECOND, days=10))))
    assert refusal.value.details == {"field": "levels.1.days"}
    assert require_sound(POLICY) is POLICY


def test_a_level_has_one_text_for_each_language() -> None:
    twice = (LevelText("de", "A", "a"), LevelText("de", "B", "b"))
    with refused(ErrorCode.REMINDER_POLICY_INVALID):
        require_sound(replace(POLICY, levels=(replace(FIRST, texts=twice),)))


@pytest.mark.parametrize("day", [date(2026, 6, 30), date(2026, 7, 2), date(2027, 1, 1)])
def test_a_base_rate_is_of_a_half_year_that_has_begun(day: date) -> None:
    with refused(ErrorCode.BASE_RATE_INVALID):
        require_known_rate(BaseRate(day, Decimal(2), "made up"), date(2026, 7, 1))


@pytest.mark.parametrize(
    ("changes", "payment_days", "last"),
    [
        ({}, None, date(2026, 7, 16)),
        ({"due_date": DUE}, None, DUE),
        ({"payment_terms": PaymentTerms(days=0)}, None, date(2026, 6, 16)),
        ({}, 14, date(2026, 6, 30)),
    ],
)
def test_who_agreed_on_no_term_is_late_after_thirty_days(
    changes: dict[str, object], payment_days: int | None, last: date
) -> None:
    content = replace(replace(CONTENT, due_date=None), **changes)  # type: ignore[arg-type]  # the table names them
    assert last_day_to_pay(content, replace(CUSTOMER, payment_days=payment_days)) == last
