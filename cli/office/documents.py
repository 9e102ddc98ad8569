"""`tallystick documents`: find what was drafted and issued, see how it stands, take it home (more in `drafts`)."""

from collections.abc import Mapping
from typing import Any

import click

from cli.office.fetching import FORMS, add_fetch
from cli.office.parameters import as_of, chosen, customer, day, invoice, text
from cli.office.verbs import Noun
from shared.contracts.conditions import STATES
from shared.contracts.content import DOCUMENT_TYPES
from shared.contracts.lists import DIRECTIONS, ORDERS
from shared.contracts.payments import PAYMENT_STATES

documents = click.Group(
    "documents", help="Draft, issue and correct documents; find them, see how they stand, take them home."
)
_noun = Noun(documents)


def _line(row: Mapping[str, Any]) -> str:
    number = row.get("number", "-")
    owed = f"  {row['payment_state']}, owed {row['owed']}" if "payment_state" in row else ""
    kind = row["document_type"].replace("_", " ")
    whose = f"{row['payable']} {row['currency']}  {row['customer_name']}"
    return f"{row['invoice_id']}  {number}  {row['issue_date']}  {kind} {row['state']}  {whose}{owed}"


_noun.lists(
    "list",
    "list_invoices",
    "Print documents, a line each, ids first; all conditions have to fit.",
    customer("Only of this customer."),
    text("--customer-name", "customer_name", "Only of customers who are called exactly so."),
    text("--number", "number", "The one with exactly this number."),
    text("--reference", "reference", "With exactly this reference, of whichever kind."),
    chosen("--state", "states", STATES, "How far they have come.", multiple=True),
    chosen("--kind", "document_types", DOCUMENT_TYPES, "What kind they are.", multiple=True),
    chosen("--standing", "payment_states", PAYMENT_STATES, "How they are paid.", multiple=True),
    text("--currency", "currency", "ISO 4217, e.g. EUR."),
    day("--from", "issue_from", "First issue date."),
    day("--to", "issue_to", "Last issue date."),
    day("--due-from", "due_from", "First due date."),
    day("--due-to", "due_to", "Last due date."),
    text("--least", "amount_from", "Least payable amount."),
    text("--most", "amount_to", "Largest payable amount."),
    day("--on", "day", "The day on which it is judged what is late; today (UTC), when left out."),
    chosen("--sort", "sort", ORDERS, "By what they are ordered."),
    chosen("--direction", "direction", DIRECTIONS, "In which direction."),
    as_of(),
    rows="invoices",
    line=_line,
    none="No document fits.",
    example="list --standing overdue --sort due_date\nlist --customer-name 'Stadt Musterhausen' --from 2026-01-01",
)
_noun.shows(
    "show",
    "get_invoice",
    "Print all that a document says, by its number or id.",
    invoice(),
    as_of(),
    example="show INV-000012",
)
_noun.shows(
    "owed",
    "get_receivable",
    "Print what an invoice, or a reminder's claim, is owed, and what became of it.",
    invoice(),
    day("--on", "day", "How it stands on this day; today (UTC), when left out."),
    example="owed INV-000012",
)
add_fetch(
    documents,
    "get_document",
    "each issued document into a file",
    click.Argument(["invoice_id"], nargs=-1, required=True, metavar="INVOICE..."),
    click.Option(
        ["--as", "form"], type=click.Choice(FORMS), multiple=True, default=("pdf",), show_default="pdf",
        help="The PDF, the XML as UBL, or the XML inside the PDF (CII); may be given more than once.",
    ),
    example="fetch INV-000012\nfetch INV-000012 INV-000013 --as pdf --as ubl --to NOVEMBER",
)  # fmt: skip
