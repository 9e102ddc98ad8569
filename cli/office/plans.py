"""`tallystick plans`: documents that are written again and again."""

from collections.abc import Mapping
from typing import Any

import click

from cli.office.parameters import DAY, PLAN, as_of, chosen, customer, from_file, this, why
from cli.office.request_files import request_in
from cli.office.verbs import Noun
from shared.contracts.plans import PLAN_STATES, MakePlanRequest

plans = click.Group("plans", help="Have documents written again and again.")
_noun = Noun(plans)
TEMPLATE = """\
# What is written again and again. Change it, then: tallystick plans make FILE
issue: false                 # true: each is issued at once, and not left as a draft
schedule:
  first: 2026-12-31          # due at each month's end then
  interval: month            # day, week, month, quarter or year
  # Whatever follows may be left out.
  every: 1                   # so many intervals
  until: 2028-12-31
  times: 24                  # how often at most
content:                     # as a draft says it; the issue date is each time the day it is due
  customer_id: 019aa0e5-0000-7000-8000-00000000000c # from: tallystick customers find
  document_type: invoice
  issue_date: 2026-12-31
  currency: EUR
  lines:
    - name: Care of the bells
      quantity: "1"
      unit_price: "120.00"
      vat_category: S
      vat_rate: "19"
"""


def _line(row: Mapping[str, Any]) -> str:
    often = f"every {row['schedule'].get('every', 1)} {row['schedule']['interval']}"
    upcoming = f"next {row['next_day']}" if "next_day" in row else "nothing more is due"
    whose = f"{row['payable']} {row['currency']}  {row['customer_name']}"
    return f"{row['plan_id']}  {row['state']}  {often}, {upcoming}  {whose}"


_noun.template(TEMPLATE, "make")
_noun.does(
    "make",
    "make_plan",
    "Have what FILE says written again and again.",
    from_file(),
    build=lambda typed: request_in(typed, MakePlanRequest()),
    said="planned {plan_id}",
    example="make care.yaml",
)
_noun.shows(
    "show",
    "get_plan",
    "Print a plan, and what is due next.",
    this("plan_id", PLAN),
    as_of(),
    example="show 019aa0e5-0000-7000-8000-00000000000f",
)
_noun.does(
    "pause",
    "pause_plan",
    "Have nothing written until the plan is resumed.",
    this("plan_id", PLAN),
    why(),
    said="paused {plan_id}",
    then="Go on with: tallystick plans resume {plan_id} DAY",
    example="pause 019aa0e5-0000-7000-8000-00000000000f --reason 'moves house'",
)
_noun.does(
    "resume",
    "resume_plan",
    "Go on from DAY; what was due before it is left out.",
    this("plan_id", PLAN),
    click.Argument(["day"], type=DAY, metavar="DAY"),
    said="resumed {plan_id} from {day} on",
    example="resume 019aa0e5-0000-7000-8000-00000000000f 2027-02-01",
)
_noun.does(
    "end",
    "end_plan",
    "Have nothing written any more; nobody can undo it.",
    this("plan_id", PLAN),
    why(),
    said="ended {plan_id}",
    example="end 019aa0e5-0000-7000-8000-00000000000f --reason 'gave notice'",
)
_noun.lists(
    "list",
    "list_plans",
    "Print plans in the order in which they were made, a line each, ids first.",
    chosen("--state", "state", PLAN_STATES, "Only those that stand so."),
    customer("Only of this customer."),
    as_of(),
    rows="plans",
    line=_line,
    none="There is no such plan; make one with: tallystick plans make FILE",
    example="list --state running",
)
