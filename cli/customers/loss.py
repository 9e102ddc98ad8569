"""What is lost when a customer is forgotten, in sentences for whoever decides it."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from cli.audit.sentences import printable
from cli.session import Session

_GONE = (
    "Gone for good, in every copy and every backup of the log: name, address, drafts, invoices, lines, amounts, PDFs,"
    " and who changed what about them."
)
_STAYS = (
    "What stays: numbers, ids, times and hashes of documents; that the customer was forgotten, when, why and by whom."
    " Mails and copies that have left the system do not come back."
)


def loss(customer_id: str, totals: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say, in whole lines, what will be gone and what stays; `totals` by currency, as `customer_totals` answers."""
    return [f"Customer {customer_id}: {_issued(totals)}.", _GONE, _STAYS, "Nobody can undo this."]


def show_loss(session: Session, customer_id: str) -> None:
    """Say on stderr what goes with the customer; raises PublicError when nobody is known by this id."""
    totals = session.query("invoices", "customer_totals", {"customer_id": customer_id})["totals"]
    for line in loss(customer_id, totals):
        click.echo(printable(line), err=True)


def _issued(totals: Sequence[Mapping[str, Any]]) -> str:
    parts = [
        f"{_counted(total['invoices'], 'invoice')} and {_counted(total['credit_notes'], 'credit note')}"
        f" over {total['payable']} {total['currency']}"
        for total in totals
    ]
    return "issued were " + ", ".join(parts) if parts else "no document was issued"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
