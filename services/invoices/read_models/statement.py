"""A customer's account: what was charged, what came in, and what is left. Pure, over opened rows.

Charges count up, money and credit count down; each on its own day: documents on their issue date, money on its value
date, write-offs on the day they were written down. Which invoice a payment was allocated to moves no money and is not
in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from services.invoices.read_models.filters import Found

_ZERO = Decimal("0.00")
Row = dict[str, Any]


def of_document(found: Found) -> Iterator[Row]:
    """Yield what an issued document brings into the account."""
    brief = found.brief
    document = {"currency": brief["currency"], "invoice_id": found.invoice_id, "number": brief["number"]}
    amount = -Decimal(brief["payable"]) if found.is_credit_note else Decimal(brief["payable"])
    issued = {"day": brief["issue_date"], "position": found.issued}
    yield {"kind": brief["document_type"], "amount": str(amount), **issued, **document}
    for each in brief.get("write_offs", ()):
        amount = -Decimal(each["amount"])
        kind = "write_off" if amount < 0 else "write_off_reversed"
        yield {"kind": kind, "amount": str(amount), "day": each["day"], "position": each["position"], **document}


def of_payment(payment: Mapping[str, Any], position: int) -> Iterator[Row]:
    """Yield what a payment brings into the account."""
    of = {"currency": payment["currency"], "payment_id": payment["payment_id"]}
    amount = Decimal(payment["amount"])
    yield {"kind": "payment", "amount": str(-amount), "day": payment["value_date"], "position": position, **of}
    for refund in payment.get("refunds", ()):
        yield {"kind": "refund", **refund, **of}
    if "reversed" in payment:
        yield {"kind": "payment_reversed", "amount": str(amount), **payment["reversed"], **of}


def account(entries: Iterable[Row], first: str | None, last: str | None) -> tuple[list[Row], list[Row]]:
    """Return the balances by currency (opening, charged, received, closing), and the entries between the days.

    Entries are by day, then as they came into the log; each says the balance in its currency after it.
    """
    balances: dict[str, dict[str, Decimal]] = {}
    shown: list[Row] = []
    for entry in sorted(entries, key=lambda each: (each["day"], each["position"])):
        if last is not None and entry["day"] > last:
            continue
        nothing = dict.fromkeys(("opening", "charged", "received", "closing"), _ZERO)
        balance = balances.setdefault(entry["currency"], nothing)
        amount = Decimal(entry["amount"])
        balance["closing"] += amount
        if first is not None and entry["day"] < first:
            balance["opening"] += amount
            continue
        balance["charged" if amount > 0 else "received"] += abs(amount)
        shown.append({**entry, "balance": str(balance["closing"])})
    sums = [
        {"currency": currency, **{name: str(amount) for name, amount in balance.items()}}
        for currency, balance in sorted(balances.items())
    ]
    return sums, shown
