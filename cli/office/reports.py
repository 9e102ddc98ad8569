"""`tallystick reports`: accounts, what is open, taxes, revenue and numbers, as tables (docs/reports.md)."""

from collections.abc import Mapping
from typing import Any

import click

from cli.numbers.faults import said_of
from cli.office.parameters import CUSTOMER, as_of, chosen, customer, day, text, this
from cli.office.tables import Column, Table, amounts
from cli.office.verbs import Noun
from shared.contracts.reports import BASES, PERIODS

reports = click.Group("reports", help="Print accounts, what is owed, taxes, revenue and numbers, as tables.")
_noun = Noun(reports)
_AGES = amounts(
    not_due="not_due",
    to_30_days="days_1_30",
    to_60="days_31_60",
    to_90="days_61_90",
    longer="days_over_90",
    owed="owed",
)
_CURRENCY = Column("currency", "currency")
_PERIOD = (Column("from", "first_day"), Column("to", "last_day"))


def _kind(field: str) -> Column:
    return Column("what", lambda row: row[field].replace("_", " "))


def _about(row: Mapping[str, Any]) -> str:
    """Return the number of the document that an entry is about, else the id of the payment or claim."""
    return str(row.get("number") or row.get("payment_id") or row.get("claim_id", ""))


def _period() -> tuple[click.Option, ...]:
    return (
        day("--from", "first_day", "From this day on.", required=True),
        day("--to", "last_day", "Up to this day.", required=True),
        chosen("--per", "per", PERIODS, "By which periods it is divided; by months, when left out."),
    )


def _owed() -> tuple[click.Option, ...]:
    return (
        customer("Only of this customer."),
        text("--currency", "currency", "Only in this currency."),
        day("--on", "day", "The day on which it is judged what is late; today (UTC), when left out."),
        as_of(),
    )


_noun.reports(
    "statement",
    "get_statement",
    "Print a customer's account: balances, and each entry with the balance after it.",
    this("customer_id", CUSTOMER),
    day("--from", "first_day", "From this day on."),
    day("--to", "last_day", "Up to this day."),
    as_of(),
    tables=(
        Table(
            "balances",
            (
                _CURRENCY,
                *amounts(opening="opening", charged="charged", received="received", closing="closing"),
            ),
        ),
        Table(
            "entries",
            (
                Column("day", "day"),
                _kind("kind"),
                Column("about", _about),
                *amounts(amount="amount", balance="balance"),
                _CURRENCY,
            ),
        ),
    ),
    joined=("entries",),
    none="Nothing is in this account.",
    example="statement 019aa0e5-0000-7000-8000-00000000000c --from 2026-01-01 --to 2026-12-31",
)
_noun.reports(
    "open-items",
    "list_open_items",
    "Print what invoices and claims are still owed, the longest due first.",
    *_owed(),
    tables=(
        Table(
            "items",
            (
                Column("id", "invoice_id"),
                Column("number", "number"),
                _kind("kind"),
                Column("due", "due_date"),
                *amounts(days_late="days_overdue", owed="owed"),
                _CURRENCY,
                Column("deducted by", "deducted_by"),
                Column("customer", "customer_name"),
            ),
        ),
    ),
    joined=("items",),
    none="Nothing is owed.",
    example="open-items\nopen-items --customer 019aa0e5-0000-7000-8000-00000000000c --on 2026-12-31",
)
_noun.reports(
    "aging",
    "aging",
    "Print what is owed by how many days it is late: in all, and by customer.",
    *_owed(),
    tables=(
        Table("totals", (_CURRENCY, *_AGES)),
        Table("customers", (Column("id", "customer_id"), _CURRENCY, *_AGES, Column("customer", "customer_name"))),
    ),
    joined=("customers",),
    none="Nothing is owed.",
    example="aging --on 2026-12-31",
)
_noun.reports(
    "vat",
    "vat_report",
    "Print what was taxed in a time, by period, VAT category and rate; credit notes subtract.",
    *_period(),
    chosen("--by", "basis", BASES, "By which day a document belongs to a period; its issue date, when left out."),
    as_of(),
    tables=(
        Table(
            "rows",
            (
                *_PERIOD,
                Column("category", "category"),
                *amounts(rate="rate", documents="documents", taxed="taxable_amount", VAT="tax_amount"),
                _CURRENCY,
                *amounts(in_accounts="accounting_tax_amount"),
                Column("currency of accounts", "accounting_currency"),
                Column("due", lambda row: "on payment" if row.get("due_on_payment") else ""),
            ),
        ),
    ),
    joined=("rows",),
    none="Nothing was taxed in this time.",
    example="vat --from 2026-10-01 --to 2026-12-31 --per quarter --by tax_point",
)
_noun.reports(
    "revenue",
    "revenue",
    "Print what was invoiced in a time, by period and currency; credit notes subtract.",
    *_period(),
    as_of(),
    tables=(
        Table(
            "rows",
            (
                *_PERIOD,
                *amounts(invoices="invoices", prepayment_invoices="prepayment_invoices", credit_notes="credit_notes"),
                *amounts(net="net", VAT="vat", gross="gross"),
                _CURRENCY,
            ),
        ),
    ),
    joined=("rows",),
    none="Nothing was invoiced in this time.",
    example="revenue --from 2026-01-01 --to 2026-12-31",
)
_noun.reports(
    "numbers",
    "number_register",
    "Print every number of SERIES and what became of it. Exit status 1: one is missing, doubled or out of its place.",
    click.Argument(["series"], metavar="SERIES"),
    click.Option(["--year"], type=int, help="Fiscal year, of a series that begins with 1 in each."),
    as_of(),
    tables=(
        Table(
            "numbers",
            (
                Column("number", "number"),
                Column("issued", "issue_date"),
                _kind("document_type"),
                Column("state", "state"),
                *amounts(payable="payable"),
                _CURRENCY,
                Column("corrected by", lambda row: " ".join(row.get("corrected_by", ()))),
                Column("customer", "customer_name"),
            ),
        ),
    ),
    joined=("numbers", "faults"),
    wrong=lambda report: said_of(report["faults"]),
    none="No number was given in this register. A series that begins again each fiscal year has one for each (--year),"
    " any other has one without a year.",
    example="numbers INV\nnumbers RE --year 2026",
)
