"""`tallystick reminders`: who is late, and what is done about it (docs/reminders.md)."""

from collections.abc import Mapping
from typing import Any

import click

from cli.office.fetching import add_fetch
from cli.office.parameters import CUSTOMER, DAY, REMINDER, customer, day, from_file, invoice, text, this, why
from cli.office.request_files import request_in
from cli.office.verbs import Noun
from shared.contracts.reminders import ConfigureRemindersRequest

reminders = click.Group("reminders", help="See who is late, remind them, and say how you remind.")
_noun = Noun(reminders)
TEMPLATE = """\
# How you remind. Change it, then: tallystick reminders configure FILE
currency: EUR
levels:
  - days: 7                # after the due date
    term_days: 10
  - days: 14               # after the reminder before it, and more than its term
    term_days: 7
    fee: "5.00"
    interest: true         # from this level on, with the compensation
    texts:
      - {language: de, title: Zweite Mahnung, text: Bitte zahlen Sie jetzt.}
# Whatever follows may be left out.
least: "5.00"              # nobody is reminded of less
business_margin: "9"       # percentage points over the base rate; without it no interest
consumer_margin: "5"
compensation: "40.00"      # of a business, once an invoice
automatic: false           # true: what is due is reminded of without a command
"""


def _line(row: Mapping[str, Any]) -> str:
    late = f"{row['days_overdue']} days late, due {row['due_date']}"
    return f"{row['invoice_id']}  {row['number']}  level {row['level']}  {row['owed']} {row['currency']}  {late}"


_noun.lists(
    "list",
    "due_reminders",
    "Print the invoices whose next reminder is due, a line each, ids first.",
    day("--on", "day", "On this day; today (UTC), when left out."),
    customer("Only this customer's."),
    rows="reminders",
    line=_line,
    none="No reminder is due.",
    example="list\nlist --on 2026-12-01",
)
_noun.does(
    "send",
    "remind_invoice",
    "Write the next reminder of an invoice; its letter is drawn and mailed afterwards.",
    invoice(),
    said="reminded of {invoice_id} at level {reminders[0][level]}: {reminders[0][reminder_id]}",
    then="The letter is drawn in a moment: tallystick reminders fetch {reminders[0][reminder_id]}",
    example="send INV-000012",
)
_noun.does(
    "send-all",
    "remind_customer",
    "Write the next reminder of each of a customer's invoices that is due, all or none.",
    this("customer_id", CUSTOMER),
    said="reminded {customer_id}",
    example="send-all 019aa0e5-0000-7000-8000-00000000000c",
)
_noun.does(
    "hold",
    "hold_reminders",
    "Remind nobody of an invoice for now, because it is disputed for example.",
    invoice(),
    why(),
    day("--until", "until", "The last day; until it is resumed, when left out."),
    said="held {invoice_id}",
    then="Go on with: tallystick reminders resume {invoice_id}",
    example="hold INV-000012 --reason 'is disputed' --until 2026-12-31",
)
_noun.does(
    "resume",
    "resume_reminders",
    "Remind of an invoice again.",
    invoice(),
    said="resumed {invoice_id}",
    example="resume INV-000012",
)
_noun.does(
    "waive",
    "waive_claim",
    "Give up what is still owed of a reminder's fee, interest and compensation.",
    click.Argument(["claim_id"], type=REMINDER, metavar="CLAIM_ID"),
    why(),
    said="waived {claim_id}",
    example="waive 019aa0e5-0000-7000-8000-0000000000bb --reason 'good customer'",
)
_noun.shows(
    "interest",
    "late_interest",
    "Print the late interest on an invoice, line by line; claims nothing.",
    invoice(),
    day("--on", "day", "Up to this day; today (UTC), when left out."),
    example="interest INV-000012",
)
_noun.template(TEMPLATE, "configure")
_noun.does(
    "configure",
    "configure_reminders",
    "Say how you remind from now on, all of it. Asks for a fresh code.",
    from_file(),
    build=lambda typed: request_in(typed, ConfigureRemindersRequest()),
    said="Reminders are configured.",
    example="configure reminders.yaml",
)
_noun.shows("policy", "get_reminder_policy", "Print how you remind, and the base rates that you recorded.")
_noun.does(
    "base-rate",
    "record_base_rate",
    "Write down that PERCENT is the base rate of the half-year from DAY on. Asks for a fresh code.",
    click.Argument(["valid_from"], type=DAY, metavar="DAY"),
    click.Argument(["percent"], metavar="PERCENT"),
    text("--source", "source", "Who made it known.", required=True),
    said="The base rate from {valid_from} on is {percent} percent.",
    example="base-rate 2026-07-01 1.27 --source Bundesbank",
)
add_fetch(
    reminders,
    "get_reminder",
    "a reminder's letter into a file",
    this("reminder_id", REMINDER),
    example="fetch 019aa0e5-0000-7000-8000-0000000000bb --to LETTERS",
)
