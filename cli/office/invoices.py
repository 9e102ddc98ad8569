"""Documents by their numbers: whoever types one has it on paper, and no id."""

from collections.abc import Mapping
from typing import Any

import click

from cli.audit.sentences import printable
from cli.session import Session
from shared.kernel.ids import is_uuid


def find_invoice(session: Session, named: str) -> str:
    """Return the id of a document that is named by its id or its number; click.ClickException."""
    if is_uuid(named):
        return named
    if not named.strip():
        raise click.UsageError("A document is named by its number or its id; find it with: tallystick documents list")
    found = session.query("invoices", "list_invoices", {"number": named, "limit": 2})["invoices"]
    if len(found) != 1:
        many = "Several documents have" if found else "No document that you may see has"
        raise click.ClickException(printable(f"{many} the number {named!r}; see: tallystick documents list"))
    return str(found[0]["invoice_id"])


def with_ids(session: Session, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request with ids where it names documents by numbers."""
    asked = dict(request)
    if "invoice_id" in asked:
        asked["invoice_id"] = find_invoice(session, asked["invoice_id"])
    if shares := asked.get("allocations"):
        asked["allocations"] = [{**each, "invoice_id": find_invoice(session, each["invoice_id"])} for each in shares]
    return asked
