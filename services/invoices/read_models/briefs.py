"""Briefs: what lists and reports need of a document, small enough that thousands are opened for one answer.

A brief is JSON values. What it says of a draft is computed of what the draft says; from the issue on it is what the
issue wrote down. It is sealed as it stands, so every name here is part of the shape of the read model.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.invoices.codec import written
from services.invoices.domain.document.content import Content, TaxPoint
from services.invoices.domain.document.terms import agreed_due_date
from services.invoices.domain.document.totals import Totals
from services.invoices.domain.events import Issued
from services.invoices.domain.receivable import Receivable

Brief = dict[str, Any]

_ZERO = Decimal("0.00")
_REFERENCES = ("buyer_reference", "order_reference", "contract_reference", "external_reference")
"""What a customer may call it."""
_OF_BREAKDOWN = ("category", "rate", "taxable_amount", "tax_amount")


def said(content: Content, totals: Totals, customer_days: int | None) -> Brief:
    """Return what a document says, in brief; `customer_days`: the customer's own terms, should it have none."""
    agreed = agreed_due_date(content)
    preceding = [each.invoice_id for each in content.preceding if each.invoice_id is not None]
    references = [text for name in _REFERENCES if (text := getattr(content, name)) is not None]
    supplied, taxed = _supply_date(content), _tax_date(content)
    return {
        "document_type": content.document_type.value,
        "issue_date": content.issue_date.isoformat(),
        "due_date": (agreed or content.issue_date + timedelta(days=customer_days or 0)).isoformat(),
        **({} if agreed else {"due_by_customer": True}),
        "currency": content.currency,
        **amounts(totals),
        **({} if content.exchange_rate is None else {"accounting": _accounting(content, totals)}),
        **({} if supplied is None else {"supply_date": supplied.isoformat()}),
        **({} if taxed is None else {"tax_date": taxed.isoformat()}),
        **({"tax_on_payment": True} if content.tax_point is TaxPoint.PAYMENT else {}),
        **({"preceding": preceding} if preceding else {}),
        **({"references": references} if references else {}),
    }


def amounts(totals: Totals) -> Brief:
    """Return the sums of a document."""
    plain = written(totals)
    return {
        **{name: plain[name] for name in ("net", "vat", "gross", "payable")},
        "breakdown": [{name: part[name] for name in _OF_BREAKDOWN} for part in plain["breakdown"]],
    }


def issue(issued: Issued, brief: Mapping[str, Any]) -> Brief:
    """Return what the issue adds: what the document is from now on, whoever its customer becomes."""
    by_customer = date.fromisoformat(brief["issue_date"]) + timedelta(days=issued.customer.payment_days or 0)
    return {
        "number": str(issued.number),
        "issued_at": issued.issued_at,
        "customer_name": issued.customer.name,
        **({"due_date": by_customer.isoformat()} if "due_by_customer" in brief else {}),
        **amounts(issued.totals),
    }


def receivable_of(invoice_id: str, customer_id: str, brief: Mapping[str, Any], *, cancelled: bool) -> Receivable:
    """Return what an issued invoice is owed, as its brief has it."""
    payable = Decimal(brief["payable"])
    credited = payable if cancelled else _sum(brief, "credit_notes", "gross")
    return Receivable(
        invoice_id,
        customer_id,
        brief["currency"],
        date.fromisoformat(brief["due_date"]),
        payable,
        credited,
        {each: Decimal(amount) for each, amount in brief["received"].items()} if "received" in brief else {},
        _sum(brief, "write_offs", "amount"),
    )


def _sum(brief: Mapping[str, Any], what: str, amount: str) -> Decimal:
    # Most documents have nothing of the kind, and lists ask for each of their rows.
    return sum([Decimal(each[amount]) for each in brief[what]], _ZERO) if what in brief else _ZERO


def _accounting(content: Content, totals: Totals) -> dict[str, str]:
    """Return in which currency the VAT is accounted for (BT-6), by which rate, and how much it is (BT-111)."""
    plain = written(content)["exchange_rate"]
    return {"currency": plain["currency"], "rate": plain["rate"], "vat": str(totals.accounting_vat)}


def _supply_date(content: Content) -> date | None:
    """Return when it was supplied: delivery date (BT-72), else end of the period (BT-74); None: it does not say."""
    if content.delivery is not None and content.delivery.day is not None:
        return content.delivery.day
    return None if content.period is None else content.period.end


def _tax_date(content: Content) -> date | None:
    """Return when the VAT became due (BT-7), or what it follows (BT-8); None: with the issue, as far as it says."""
    if content.tax_point_date is not None:
        return content.tax_point_date
    return _supply_date(content) if content.tax_point is TaxPoint.DELIVERY else None
