"""An invoice as its events left it, with the fields of `get_invoice`: worked out here from the log alone.

The amounts are added up again from the lines by EN 16931's rules, not copied: that is what an auditor compares.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.kernel.money import line_net_amount, to_cents

Payload = Mapping[str, Any]
State = dict[str, Any]

_DRAFT = ("invoice_id", "customer_id", "document_type", "issue_date", "currency")
_OPTIONAL = ("external_reference", "note")


def drafted(payload: Payload, customer_name: str | None) -> State:
    """Return the state after `InvoiceDrafted`."""
    state: State = {name: payload[name] for name in _DRAFT}
    state |= {name: payload[name] for name in _OPTIONAL if name in payload}
    if customer_name is not None:
        state["customer_name"] = customer_name
    return state | {"state": "draft", "lines": payload["lines"]} | amounts(payload["lines"])


def issued(state: State, payload: Payload) -> State:
    """Return the state after `InvoiceIssued` or `CreditNoteIssued`."""
    return state | {"state": "issued", "number": payload["number"], "issued_at": payload["issued_at"]}


def archived(state: State, digest: str | None) -> State:
    """Return the state after `DocumentArchived`."""
    return state | {"digest": digest}


def amounts(lines: list[Payload]) -> State:
    """Return `net_total` (BT-109), `vat_total` (BT-110), `payable` (BT-115), `vat_breakdown` (BG-23) of lines."""
    taxable: dict[tuple[str, Decimal], Decimal] = {}
    for line in lines:
        group = (str(line["vat_category"]), Decimal(line["vat_rate"]))
        net = line_net_amount(Decimal(line["quantity"]), Decimal(line["unit_price"]))
        taxable[group] = taxable.get(group, Decimal("0.00")) + net
    breakdown = [
        {
            "category": category,
            "rate": f"{rate:f}",
            "taxable_amount": str(net),
            "tax_amount": str(to_cents(net * rate / 100)),
        }
        for (category, rate), net in sorted(taxable.items())
    ]
    net = sum(taxable.values(), Decimal("0.00"))
    vat = sum((Decimal(part["tax_amount"]) for part in breakdown), Decimal("0.00"))
    totals = {"net_total": str(net), "vat_total": str(vat), "payable": str(net + vat)}
    return totals | {"vat_breakdown": breakdown}


def flat(value: object, path: str = "") -> dict[str, str]:
    """Return every single value of a state under its path, e.g. `lines[0].quantity`."""
    match value:
        case dict():
            items = [(f"{path}.{name}" if path else str(name), element) for name, element in value.items()]
        case list():
            items = [(f"{path}[{index}]", element) for index, element in enumerate(value)]
        case _:
            return {path: str(value)}
    return {name: text for start, element in items for name, text in flat(element, start).items()}
