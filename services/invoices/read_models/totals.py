"""What was issued to one customer in one currency, as strings that JSON can keep."""

from collections.abc import Mapping
from decimal import Decimal

from services.invoices.domain.document.totals import Totals

ZERO: Mapping[str, object] = {
    "invoices": 0,
    "credit_notes": 0,
    "net_total": "0.00",
    "vat_total": "0.00",
    "payable": "0.00",
}


def added(sums: Mapping[str, object], totals: Totals, *, credit: bool) -> dict[str, object]:
    """Return the sums with one more document; a credit note counts negative."""
    sign = -1 if credit else 1
    amounts = {"net_total": totals.net, "vat_total": totals.vat, "payable": totals.payable}
    counted = "credit_notes" if credit else "invoices"
    return {
        **sums,
        counted: int(str(sums[counted])) + 1,
        **{name: str(Decimal(str(sums[name])) + sign * amount) for name, amount in amounts.items()},
    }
