"""`tallystick quotes`: offers, and what the customer said (docs/quotes.md)."""

from collections.abc import Mapping
from typing import Any

import click

from cli.office.fetching import add_fetch
from cli.office.parameters import DAY, QUOTE, as_of, chosen, customer, day, from_file, text, this, why
from cli.office.request_files import change_in, request_in
from cli.office.verbs import Noun
from shared.contracts.quotes import QUOTE_STATES, ChangeQuoteRequest, MakeQuoteRequest

quotes = click.Group("quotes", help="Offer something, and write down what the customer said.")
_noun = Noun(quotes)
TEMPLATE = """\
# What is offered. Change it, then: tallystick quotes make FILE
valid_until: 2027-01-31      # the last day on which it can be accepted
content:                     # as an invoice says it
  customer_id: 019aa0e5-0000-7000-8000-00000000000c # from: tallystick customers find
  issue_date: 2026-12-01
  currency: EUR
  lines:
    - name: Brass bell, two-tone
      quantity: "250"
      unit_price: "9.75"
      vat_category: S
      vat_rate: "19"
    # - {item_id: 019aa0e5-0000-7000-8000-00000000000d, quantity: "250"} takes the rest from an item
  # Whatever follows may be left out.
  payment_terms: {days: 14}
  buyer_reference: 991-03730-19
  note: We look forward to your order.
  language: en
"""
_DRAWN = "The document is drawn, and mailed as the customer wants it, in a moment: tallystick quotes fetch {quote_id}"


def _line(row: Mapping[str, Any]) -> str:
    offered = f"{row['number']}  revision {row['revision']}  {row['state']}  until {row['valid_until']}"
    return f"{row['quote_id']}  {offered}  {row['payable']} {row['currency']}  {row['customer_name']}"


_noun.template(TEMPLATE, "make")
_noun.does(
    "make",
    "make_quote",
    "Offer what FILE says; the quote has its number at once, and can be changed until the customer answers.",
    from_file(),
    build=lambda typed: request_in(typed, MakeQuoteRequest()),
    said="offered {number} over {totals[payable]}: {quote_id}",
    then=_DRAWN,
    example="make bells.yaml",
)
_noun.shows(
    "show",
    "get_quote",
    "Print a quote, as a file that `change` takes.",
    this("quote_id", QUOTE),
    day("--on", "day", "The day on which it is judged what is over; today (UTC), when left out."),
    as_of(),
    example="show 019aa0e5-0000-7000-8000-00000000000e > bells.yaml",
)
_noun.does(
    "change",
    "change_quote",
    "Offer what FILE says instead: what `show` printed, changed. The number stays, the revision is the next.",
    from_file(),
    build=lambda typed: change_in(typed, ChangeQuoteRequest()),
    said="offered revision {revision} of {number} over {totals[payable]}: {quote_id}",
    then=_DRAWN,
    example="change bells.yaml",
)
_noun.does(
    "extend",
    "extend_quote",
    "Have a quote valid until a later DAY, also when it is over.",
    this("quote_id", QUOTE),
    click.Argument(["valid_until"], type=DAY, metavar="DAY"),
    said="extended {quote_id} until {valid_until}",
    example="extend 019aa0e5-0000-7000-8000-00000000000e 2027-02-28",
)
_noun.does(
    "accept",
    "accept_quote",
    "Write down that the customer ordered.",
    this("quote_id", QUOTE),
    text("--by", "accepted_by", "Who ordered for the customer.", required=True),
    day("--on", "accepted_on", "When; today (UTC), when left out."),
    text("--order", "order_reference", "The number of the customer's order (BT-13)."),
    said="accepted {quote_id}",
    then="Draft its invoice, or a deposit, with: tallystick quotes invoice {quote_id}",
    example="accept 019aa0e5-0000-7000-8000-00000000000e --by 'Zoë Muster' --order PO-4711",
)
_noun.does(
    "decline",
    "decline_quote",
    "Write down that the customer does not want it.",
    this("quote_id", QUOTE),
    why(),
    said="declined {quote_id}",
    example="decline 019aa0e5-0000-7000-8000-00000000000e --reason 'too late'",
)
_noun.does(
    "invoice",
    "invoice_quote",
    "Draft the final invoice of an accepted quote, less the deposits that were paid; or a deposit.",
    this("quote_id", QUOTE),
    text("--deposit", "deposit_percent", "Ask for this share in percent before anything is delivered."),
    said="drafted {invoice_id} over {totals[payable]}",
    example="invoice 019aa0e5-0000-7000-8000-00000000000e --deposit 30",
)
_noun.lists(
    "list",
    "list_quotes",
    "Print quotes as they are today, a line each, ids first.",
    chosen("--state", "state", QUOTE_STATES, "Only those that stand so."),
    customer("Only to this customer."),
    day("--on", "day", "The day on which it is judged what is over; today (UTC), when left out."),
    as_of(),
    rows="quotes",
    line=_line,
    none="There is no such quote; make one with: tallystick quotes make FILE",
    example="list --state open",
)
add_fetch(
    quotes,
    "get_quote_document",
    "the drawn quote into a file",
    this("quote_id", QUOTE),
    click.Option(["--revision"], type=click.IntRange(1), help="An earlier one than the latest."),
    example="fetch 019aa0e5-0000-7000-8000-00000000000e --to QUOTES",
)
