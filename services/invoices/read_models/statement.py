"""A customer's account: what was charged, what came in, and what is left. Pure, over opened rows.

Charges count up, money and credit count down; each on its own day: documents on their issue date, claims on the day
from which they are owed, money on its value date, write-offs and waivers on the day they were written down. Which
invoice a payment was allocated to moves no money and is not in it; which claims it paid is said with it.

A refund counts up. When the bank takes its payment back afterwards, all of the payment counts up too: what is claimed
for the refund is in there, and is no charge of its own. It is told with the reversal, once.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from services.invoices.domain.claim import refund_claim_id
from services.invoices.domain.events.claims import Cause
from services.invoices.read_models.filters import Found

_ZERO = Decimal("0.00")
_PARTS = ("fee", "interest", "compensation")
"""Of what a reminder claims."""
Row = dict[str, Any]


def of_document(found: Found) -> Iterator[Row]:
    """Yield what an issued document brings into the account."""
    brief = found.brief
    document = {"currency": brief["currency"], "invoice_id": found.invoice_id, "number": brief["number"]}
    amount = -Decimal(brief["payable"]) if found.is_credit_note else Decimal(brief["payable"])
    issued = {"day": brief["issue_date"], "position": found.issued}
    yield {"kind": brief["document_type"], "amount": str(amount), **issued, **document}
    yield from _refunds(brief, document)
    yield from _given_up(brief, document)


def of_claim(claim: Mapping[str, Any], position: int) -> Iterator[Row]:
    """Yield what a claim brings into the account."""
    of = {"currency": claim["currency"], "claim_id": claim["claim_id"]}
    if claim["cause"] == Cause.REMINDER.value:
        of |= {"invoice_id": claim["source"], "number": claim["number"]}
        parts = {name: claim[name] for name in _PARTS if name in claim}
        yield {"kind": "claim", "amount": claim["amount"], "day": claim["day"], "position": position, **parts, **of}
    yield from _given_up(claim, of)
    for each in claim.get("waivers", ()):
        yield {"kind": "claim_waived", **of, **each, "amount": str(-Decimal(each["amount"]))}


def of_payment(payment: Mapping[str, Any], position: int, claims: Container[str]) -> Iterator[Row]:
    """Yield what a payment brings into the account; `claims`: ids of the customer's."""
    of = {"currency": payment["currency"], "payment_id": payment["payment_id"]}
    amount = Decimal(payment["amount"])
    given = sorted(payment.get("allocated", {}).items())
    paid = [{"claim_id": each, "amount": part} for each, part in given if each in claims]
    came = {"day": payment["value_date"], "position": position, **({"claims_paid": paid} if paid else {})}
    yield {"kind": "payment", "amount": str(-amount), **came, **of}
    yield from _refunds(payment, of)
    if "reversed" in payment:
        claimed = {"claim_id": refund_claim_id(payment["payment_id"])} if payment.get("refunds") else {}
        yield {"kind": "payment_reversed", "amount": str(amount), **payment["reversed"], **claimed, **of}


def _refunds(owner: Mapping[str, Any], of: Mapping[str, str]) -> Iterator[Row]:
    """Yield what went back of a payment, or of a credit note that names no invoice."""
    for refund in owner.get("refunds", ()):
        yield {"kind": "refund", **refund, **of}


def _given_up(owed: Mapping[str, Any], of: Mapping[str, str]) -> Iterator[Row]:
    """Yield the write-offs of an invoice or a claim."""
    for each in owed.get("write_offs", ()):
        amount = -Decimal(each["amount"])
        yield {"kind": "write_off" if amount < 0 else "write_off_reversed", **of, **each, "amount": str(amount)}


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
