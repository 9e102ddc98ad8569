"""Documents as rows for spreadsheets: decimal points, amounts of credit notes negative, so that columns add up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cli.cells import as_text
from cli.exporter.documents import Document

Row = Mapping[str, str]
_CREDIT_NOTE = "credit_note"

DOCUMENT_COLUMNS = (
    *("number", "document_type", "state", "issue_date", "due_date", "currency"),
    *("customer_id", "customer", "customer_reference", "customer_vat_id", "customer_country"),
    *("net", "vat", "gross", "prepaid", "payable"),
    *("external_reference", "order_reference", "buyer_reference", "issued_at", "invoice_id"),
)
LINE_COLUMNS = (
    *("number", "document_type", "issue_date", "currency", "customer_id", "customer"),
    *("line", "kind", "item_reference", "name", "quantity", "unit", "unit_price", "net", "vat_category", "vat_rate"),
)
"""Lines first, from 1; then the allowances and charges of the whole document: together they make its net total."""


def document_rows(document: Document) -> Iterator[Row]:
    """Yield one row with the totals of a document."""
    content, issued, totals = document["content"], document["issued"], document["issued"]["totals"]
    particulars = document["customer"]["particulars"]
    yield {
        **_head(document),
        "state": issued["state"],
        "due_date": _due_date(content, particulars),
        "customer_reference": as_text(particulars.get("reference", "")),
        "customer_vat_id": as_text(particulars.get("vat_id", "")),
        "customer_country": particulars["address"]["country_code"],
        **{name: _signed(document, totals[name]) for name in ("net", "vat", "gross", "prepaid", "payable")},
        **{
            name: as_text(content.get(name, ""))
            for name in ("external_reference", "order_reference", "buyer_reference")
        },
        "issued_at": issued["issued_at"],
        "invoice_id": issued["invoice_id"],
    }


def line_rows(document: Document) -> Iterator[Row]:
    """Yield a row for each line, and for each allowance and charge of the whole document."""
    content, totals, head = document["content"], document["issued"]["totals"], _head(document)
    for place, (line, amounts) in enumerate(zip(content["lines"], totals["lines"], strict=True), start=1):
        yield {
            **head,
            "line": str(place),
            "kind": "line",
            "item_reference": as_text(line.get("item_reference", "")),
            "name": as_text(line["name"]),
            "quantity": _signed(document, line["quantity"]),
            "unit": line.get("unit", ""),
            "unit_price": line["unit_price"],
            "net": _signed(document, amounts["net"]),
            **{name: line[name] for name in ("vat_category", "vat_rate")},
        }
    for adjustment, amount in zip(content.get("adjustments", ()), totals["adjustments"], strict=True):
        taken = Decimal(amount) if adjustment["kind"] == "charge" else -Decimal(amount)
        yield {
            **head,
            "kind": adjustment["kind"],
            "name": as_text(adjustment.get("reason", "")),
            "net": _signed(document, str(taken)),
            **{name: adjustment[name] for name in ("vat_category", "vat_rate")},
        }


TABLES: Mapping[str, tuple[Sequence[str], Callable[[Document], Iterator[Row]]]] = {
    "csv": (DOCUMENT_COLUMNS, document_rows),
    "lines": (LINE_COLUMNS, line_rows),
}


def _head(document: Document) -> dict[str, str]:
    content: Mapping[str, Any] = document["content"]
    return {
        "number": as_text(document["issued"]["number"]),
        **{name: content[name] for name in ("document_type", "issue_date", "currency")},
        "customer_id": document["customer"]["key"],
        "customer": as_text(document["customer"]["particulars"]["name"]),
    }


def _due_date(content: Mapping[str, Any], particulars: Mapping[str, Any]) -> str:
    """Return BT-9, as every form says it: the document's own, else by its terms, the customer's, or at once."""
    if "due_date" in content:
        return str(content["due_date"])
    days = content.get("payment_terms", {}).get("days", particulars.get("payment_days", 0))
    return (date.fromisoformat(content["issue_date"]) + timedelta(days=days)).isoformat()


def _signed(document: Document, amount: str) -> str:
    """Return an amount or quantity as it adds up: a credit note takes back."""
    takes_back = document["content"]["document_type"] == _CREDIT_NOTE
    return f"{-Decimal(amount):f}" if takes_back and Decimal(amount) else amount
