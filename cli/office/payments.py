"""`tallystick payments`: money that arrived, and which invoices it is for (docs/payments.md)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import click

from cli.office.parameters import (
    CUSTOMER,
    PAYMENT,
    SHARE,
    amount,
    as_of,
    customer,
    invoice,
    text,
    this,
    value_date,
    why,
)
from cli.office.verbs import Noun
from shared.contracts.payments import METHODS

payments = click.Group("payments", help="Write down what arrived, and which invoices it is for.")
_noun = Noun(payments)


def _shares(*, required: bool) -> click.Option:
    return click.Option(
        ["--for", "allocations"], type=SHARE, multiple=True, required=required,
        help="How much is for which invoice, by its number or id; may be given more than once.",
    )  # fmt: skip


def _line(row: Mapping[str, Any]) -> str:
    amounts = f"{row['amount']} {row['currency']}, free {row['free']}"
    taken_back = "  (taken back by the bank)" if row["reversed"] else ""
    return f"{row['payment_id']}  {row['value_date']}  {row['method']}  {amounts}{taken_back}"


def _to_suggest(recorded: Mapping[str, Any]) -> str:
    """Say how to find what a payment is for, as far as that was not said with it."""
    allocated = sum((Decimal(share["amount"]) for share in recorded.get("allocations", ())), Decimal(0))
    if allocated == Decimal(recorded["amount"]):
        return ""
    return f"See which invoices it may be for: tallystick payments suggest {recorded['payment_id']}"


def _owed_again(reversal: Mapping[str, Any]) -> str:
    """Say what is open again, and where to see how it stands."""
    owed = [f"{each['amount']} on {each['invoice_id']}" for each in reversal["owed_again"]]
    parts = [f"Owed again: {', '.join(owed)}."] if owed else ["It had paid nothing: nothing is owed again."]
    if claim := reversal.get("refund_claim"):
        parts.append(f"What was refunded of it is owed as {claim}.")
    if shown := [each["invoice_id"] for each in reversal["owed_again"]] + ([claim] if claim else []):
        parts.append(f"See how each stands: tallystick documents owed {shown[0]}")
    return " ".join(parts)


_noun.does(
    "record",
    "record_payment",
    "Write down that AMOUNT of CURRENCY came from a customer. With --line it is written down once, however often.",
    this("customer_id", CUSTOMER),
    amount(),
    click.Argument(["currency"], metavar="CURRENCY"),
    value_date(),
    click.Option(["--method"], type=click.Choice(METHODS), default="transfer", show_default=True, help="How it came."),
    _shares(required=False),
    text("--line", "external_id", "Name of the line in the bank's statement."),
    text("--reference", "bank_reference", "The bank's reference."),
    text("--remittance", "remittance", "What the customer wrote."),
    text("--account", "payer_account", "IBAN that it came from."),
    said="recorded {payment_id}",
    then=_to_suggest,
    example="record 019aa0e5-0000-7000-8000-00000000000c 119.00 EUR --on 2026-11-20 --line S47/12"
    " --for INV-000012=119.00",
)
_noun.shows(
    "suggest",
    "suggest_allocations",
    "Print which invoices a payment may be for, and what speaks for each; nothing is booked.",
    this("payment_id", PAYMENT),
    example="suggest 019aa0e5-0000-7000-8000-0000000000aa",
)
_noun.does(
    "match",
    "allocate_payment",
    "Set parts of a payment against invoices, all or none.",
    this("payment_id", PAYMENT),
    _shares(required=True),
    said="matched {payment_id}",
    example="match 019aa0e5-0000-7000-8000-0000000000aa --for INV-000012=100.00 --for INV-000013=19.00",
)
_noun.does(
    "undo",
    "undo_allocation",
    "Take back all that a payment gave to an invoice.",
    this("payment_id", PAYMENT),
    invoice(),
    why(),
    said="undone {payment_id}",
    example="undo 019aa0e5-0000-7000-8000-0000000000aa INV-000012 --reason 'meant another'",
)
_noun.does(
    "refund",
    "refund_payment",
    "Write down that AMOUNT, which was free, went back to the customer.",
    this("payment_id", PAYMENT),
    amount(),
    value_date(),
    why(),
    said="refunded {amount} of {payment_id}",
    example="refund 019aa0e5-0000-7000-8000-0000000000aa 19.00 --on 2026-11-21 --reason 'paid twice'",
)
_noun.does(
    "reverse",
    "reverse_payment",
    "Write down that the bank took a payment back: what it paid is owed again.",
    this("payment_id", PAYMENT),
    value_date(),
    why(),
    said="reversed {payment_id}",
    then=_owed_again,
    example="reverse 019aa0e5-0000-7000-8000-0000000000aa --on 2026-11-21 --reason 'account closed'",
)
_noun.shows(
    "show",
    "get_payment",
    "Print a payment: what it is for, and what of it is free.",
    this("payment_id", PAYMENT),
    as_of(),
    example="show 019aa0e5-0000-7000-8000-0000000000aa",
)
_noun.lists(
    "list",
    "list_payments",
    "Print payments in the order in which they were recorded, a line each, ids first.",
    customer("Only this customer's."),
    as_of(),
    rows="payments",
    line=_line,
    none="There is no such payment; write one down with: tallystick payments record",
    example="list --customer 019aa0e5-0000-7000-8000-00000000000c",
)
