"""What is open and how late it is. Pure, over documents that were opened."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from services.invoices.domain.receivable import Standing, standing
from services.invoices.read_models import search
from services.invoices.read_models.claims import receivable_of
from services.invoices.read_models.filters import CANCELLED, Found

BUCKETS = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
_LAST_DAYS = (0, 30, 60, 90)
_INVOICE, _DEPOSIT = "invoice", "prepayment_invoice"
_ZERO = Decimal("0.00")
Row = dict[str, Any]
_Sums = dict[str, Decimal]


def bucket(days_overdue: int) -> str:
    """Return the bucket of something that is so many days late, 0: not at all."""
    return next((name for name, last in zip(BUCKETS, _LAST_DAYS, strict=False) if days_overdue <= last), BUCKETS[-1])


def open_invoices(documents: Iterable[Found], day: date) -> list[Row]:
    """Return what issued invoices are still owed on a day.

    Of a deposit whose payment was taken back, also the number of the invoice that deducts it all the same.
    """
    items: list[Row] = []
    deducting: dict[str, str] = {}
    for found in documents:
        brief = found.brief
        if brief["document_type"] == _INVOICE and found.state != CANCELLED:
            deducting |= dict.fromkeys(brief.get("preceding", ()), brief["number"])
        item = _open_item(found, day)
        if item is not None:
            items.append(item)
    for item in items:
        if item["kind"] == _DEPOSIT and item["invoice_id"] in deducting:
            item["deducted_by"] = deducting[item["invoice_id"]]
    return items


def _open_item(found: Found, day: date) -> Row | None:
    """Return what an issued invoice is still owed on a day; None when nothing is."""
    stands = found.standing(day)
    if stands is None or stands.owed <= 0:
        return None
    brief = found.brief
    return {
        "kind": brief["document_type"],
        "invoice_id": found.invoice_id,
        "customer_id": found.customer_id,
        **{name: brief[name] for name in ("customer_name", "number", "issue_date", "due_date", "currency", "payable")},
        **_stands(stands),
    }


def open_claim(claim: Row, day: date) -> Row | None:
    """Return what a claim is still owed on a day; None when nothing is."""
    stands = standing(receivable_of(claim), day)
    if stands.owed <= 0:
        return None
    return {
        "kind": f"{claim['cause']}_claim",
        "invoice_id": claim["claim_id"],
        **{name: claim[name] for name in ("customer_id", "customer_name", "number", "currency") if name in claim},
        "issue_date": claim["day"],
        "due_date": claim["due"],
        "payable": claim["amount"],
        **_stands(stands),
    }


def _stands(stands: Standing) -> Row:
    return {
        "owed": str(stands.owed),
        "days_overdue": stands.days_overdue,
        "bucket": bucket(stands.days_overdue),
    }


def aged(items: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the sums of open items by currency, and by customer (in the order of their names) and currency."""
    totals: dict[str, _Sums] = {}
    customers: dict[tuple[str, str], _Sums] = {}
    names: dict[str, str] = {}
    for item in items:
        names[item["customer_id"]] = item["customer_name"]
        for sums in (
            totals.setdefault(item["currency"], dict.fromkeys(BUCKETS, _ZERO)),
            customers.setdefault((item["customer_id"], item["currency"]), dict.fromkeys(BUCKETS, _ZERO)),
        ):
            sums[item["bucket"]] += Decimal(item["owed"])
    by_name = sorted(customers.items(), key=lambda each: (search.normal(names[each[0][0]]), each[0]))
    return (
        [{"currency": currency, **_as_text(sums)} for currency, sums in sorted(totals.items())],
        [
            {"customer_id": customer_id, "customer_name": names[customer_id], "currency": currency, **_as_text(sums)}
            for (customer_id, currency), sums in by_name
        ],
    )


def _as_text(sums: _Sums) -> Row:
    return {**{name: str(amount) for name, amount in sums.items()}, "owed": str(sum(sums.values(), _ZERO))}
