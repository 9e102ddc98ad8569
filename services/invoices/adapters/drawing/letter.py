"""A reminder as text in its places: what the template of letters lays out."""

from dataclasses import dataclass

from services.invoices.adapters.drawing.giro import transfer_payload, transfer_svg
from services.invoices.adapters.drawing.head import Head, Picture, head_of
from services.invoices.adapters.drawing.paying import Section, account, paragraphs
from services.invoices.adapters.drawing.printable import printable
from services.invoices.adapters.drawing.wording import Pairs, Wording
from services.invoices.domain.document.lines import Period
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.domain.interest import InterestLine, total


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that is drawn."""

    head: Head
    text: list[str]
    totals: Pairs
    due: tuple[str, str]
    interest_title: str
    interest_heads: list[str]
    interest: list[list[str]]
    interest_notes: list[str]
    payment: Section
    account: Pairs
    account_since: str | None
    code: Picture | None
    scan: str
    sections: list[Section]


def letter_of(written: ReminderWritten, logo: bytes | None) -> Letter:
    """Write a reminder's sheet; LogoRefused."""
    seller, customer, reminder = written.seller, written.customer, written.reminder
    wording = Wording.in_language(written.language, customer.address.country_code, written.currency)
    words, figures = wording.words, wording.figures
    kind = printable(written.title) if written.title else _kind(wording, reminder.level)
    pay_by = figures.day(reminder.pay_by)
    code = transfer_svg(transfer_payload(seller, written.total, written.currency, written.number))
    since = figures.day(seller.account_since) if seller.account_since else None
    legal = paragraphs(seller.legal_information)
    return Letter(
        head=head_of(wording, written, kind=kind, facts=_facts(wording, written), logo=logo),
        text=paragraphs(written.text) or [wording.say("reminder_text", date=pay_by)],
        totals=_rows(wording, written),
        due=(words["payable"], figures.money(written.total)),
        interest_title=words["reminder_interest"],
        interest_heads=[
            words[name] for name in ("period", "interest_days", "interest_on", "interest_rate", "interest")
        ],
        interest=[_interest_row(wording, line) for line in written.lines],
        interest_notes=_interest_notes(wording, written),
        payment=(words["payment"], [wording.say("pay_by", date=pay_by)]),
        account=account(wording, seller, written.number),
        account_since=since and wording.say("account_since", date=since),
        code=None if code is None else Picture(code, wording.say("code_alt", name=seller.name, number=written.number)),
        scan=words["scan"],
        sections=[(words["legal"], legal)] if legal else [],
    )


def _facts(wording: Wording, written: ReminderWritten) -> Pairs:
    return wording.pairs(
        ("issue_date", written.reminder.day),
        ("reminder_invoice", written.number),
        ("reminder_invoice_date", written.issue_date),
        ("reminder_due", written.due),
        ("customer_number", written.customer.reference),
    )


def _kind(wording: Wording, level: int) -> str:
    return wording.say("reminder") if level == 1 else wording.say("reminder_again", level=str(level))


def _rows(wording: Wording, written: ReminderWritten) -> Pairs:
    """Return what leads to what is to be paid: what is nothing is left out."""
    reminder, figures = written.reminder, wording.figures
    rows = [
        ("reminder_balance", reminder.balance),
        ("reminder_earlier", written.earlier),
        ("reminder_fee", reminder.fee),
        ("reminder_interest", reminder.interest),
        ("reminder_compensation", reminder.compensation),
    ]
    return [(wording.words[name], figures.amount(amount)) for name, amount in rows if amount]


def _interest_row(wording: Wording, line: InterestLine) -> list[str]:
    figures = wording.figures
    return [
        wording.period(Period(line.first, line.last)),
        str(line.days),
        figures.amount(line.balance),
        figures.percentage(line.percent),
        figures.amount(line.amount),
    ]


def _interest_notes(wording: Wording, written: ReminderWritten) -> list[str]:
    """Say what of the interest earlier reminders claimed."""
    before = total(written.lines) - written.reminder.interest
    return [wording.say("interest_claimed", amount=wording.figures.money(before))] if before > 0 else []
