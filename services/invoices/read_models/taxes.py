"""What was taxed and earned in a period: by VAT category and rate, and in sum. Pure, over briefs.

Credit notes count negative. Where the document says in which currency its VAT is accounted for (BT-6), the amounts are
given in that currency too: each part by the recorded rate, and what rounding leaves of the document's own tax total
(BT-111) is put to the part with the most tax, so that the report adds up to what the documents say.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.invoices.read_models.filters import CREDIT_NOTE
from services.invoices.read_models.periods import Period
from shared.kernel.money import to_cents

_ZERO = Decimal("0.00")
_TAXED = ("taxable_amount", "tax_amount", "accounted")
_COUNTS = {"invoice": "invoices", "prepayment_invoice": "prepayment_invoices", "credit_note": "credit_notes"}
Row = dict[str, Any]


class Basis(StrEnum):
    """By which day a document belongs to a period; what does not say it belongs there by its issue date."""

    ISSUE_DATE = "issue_date"
    """BT-2."""
    SUPPLY_DATE = "supply_date"
    """Delivery date (BT-72), else the end of the invoicing period (BT-74)."""
    TAX_POINT = "tax_point"
    """BT-7, or what BT-8 names; where that is the payment, the issue date, in rows of their own."""


def vat(briefs: Iterable[Mapping[str, Any]], periods: Sequence[Period], basis: Basis) -> list[Row]:
    """Return a row for each period, category, rate and currencies, in that order."""
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    for brief in briefs:
        period = _period(periods, _day(brief, basis))
        if period is None:
            continue
        accounting = brief.get("accounting")
        on_payment = basis is Basis.TAX_POINT and brief.get("tax_on_payment", False)
        for part, accounted in zip(brief["breakdown"], _accounted(brief), strict=True):
            rate, currencies = Decimal(part["rate"]), (brief["currency"], _currency(accounting))
            key = (period, part["category"], rate, *currencies, on_payment)
            row = sums.setdefault(
                key, {"documents": 0, "taxable_amount": _ZERO, "tax_amount": _ZERO, "accounted": None}
            )
            sign = _sign(brief)
            row["documents"] += 1
            row["taxable_amount"] += sign * Decimal(part["taxable_amount"])
            row["tax_amount"] += sign * Decimal(part["tax_amount"])
            if accounted is not None:
                row["accounted"] = (row["accounted"] or _ZERO) + sign * accounted
    return [_vat_row(key, sums[key]) for key in sorted(sums)]


def revenue(briefs: Iterable[Mapping[str, Any]], periods: Sequence[Period]) -> list[Row]:
    """Return a row for each period and currency, by issue date."""
    sums: dict[tuple[Period, str], dict[str, Any]] = {}
    for brief in briefs:
        period = _period(periods, brief["issue_date"])
        if period is None:
            continue
        nothing: dict[str, Any] = {**dict.fromkeys(_COUNTS.values(), 0), "net": _ZERO, "vat": _ZERO, "gross": _ZERO}
        row = sums.setdefault((period, brief["currency"]), nothing)
        row[_COUNTS[brief["document_type"]]] += 1
        for name in ("net", "vat", "gross"):
            row[name] += _sign(brief) * Decimal(brief[name])
    return [
        {
            **_days(period),
            "currency": currency,
            **{name: value if isinstance(value, int) else str(value) for name, value in row.items()},
        }
        for (period, currency), row in sorted(sums.items())
    ]


def _vat_row(key: tuple[Any, ...], row: Mapping[str, Any]) -> Row:
    period, category, rate, currency, accounting, on_payment = key
    accounted = {"accounting_currency": accounting, "accounting_tax_amount": str(row["accounted"])}
    return {
        **_days(period),
        "category": category,
        "rate": f"{rate:f}",
        "currency": currency,
        "documents": row["documents"],
        "taxable_amount": str(row["taxable_amount"]),
        "tax_amount": str(row["tax_amount"]),
        **(accounted if accounting else {}),
        **({"due_on_payment": True} if on_payment else {}),
    }


def _accounted(brief: Mapping[str, Any]) -> list[Decimal]:
    """Return the tax of each part in the accounting currency, zeros without one; the parts are together BT-111."""
    accounting, parts = brief.get("accounting"), brief["breakdown"]
    if accounting is None:
        return [_ZERO] * len(parts)
    taxes = [Decimal(part["tax_amount"]) for part in parts]
    accounted = [to_cents(tax * Decimal(accounting["rate"])) for tax in taxes]
    most = max(range(len(taxes)), key=lambda place: abs(taxes[place]))
    accounted[most] += Decimal(accounting["vat"]) - sum(accounted, _ZERO)
    return accounted


def _period(periods: Sequence[Period], day: str) -> Period | None:
    place = bisect_right(periods, day, key=lambda period: period.first) - 1
    return periods[place] if place >= 0 and day <= periods[place].last else None


def _day(brief: Mapping[str, Any], basis: Basis) -> str:
    names = {Basis.SUPPLY_DATE: "supply_date", Basis.TAX_POINT: "tax_date"}
    return str(brief.get(names.get(basis, "issue_date"), brief["issue_date"]))


def _currency(accounting: Mapping[str, str] | None) -> str:
    return "" if accounting is None else accounting["currency"]


def _sign(brief: Mapping[str, Any]) -> int:
    return -1 if brief["document_type"] == CREDIT_NOTE else 1


def _days(period: Period) -> Row:
    return {"first_day": period.first, "last_day": period.last}
