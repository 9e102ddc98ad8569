"""Allowances, charges, taxes and totals in UBL."""

from decimal import Decimal

from services.invoices.adapters.xml.tree import Node, amount, branch, leaf, number, yes_or_no
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind
from services.invoices.domain.document.totals import Totals, VatBreakdown
from services.invoices.domain.document.vat import VatCategory


def adjustment(adjustment: Adjustment, value: Decimal, base: Decimal, currency: str, tax: Node = None) -> Node:
    """Return an allowance or charge of a line (BG-27, BG-28), or with its tax one of the document (BG-20, BG-21)."""
    percentage = adjustment.percentage
    return branch(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", yes_or_no(adjustment.kind is AdjustmentKind.CHARGE)),
        leaf("cbc:AllowanceChargeReasonCode", adjustment.reason_code),  # BT-98, BT-105, BT-140, BT-145
        leaf("cbc:AllowanceChargeReason", adjustment.reason),  # BT-97, BT-104, BT-139, BT-144
        leaf("cbc:MultiplierFactorNumeric", None if percentage is None else number(percentage)),  # BT-94, 101, 138, 143
        leaf("cbc:Amount", amount(value), currencyID=currency),  # BT-92, BT-99, BT-136, BT-141
        leaf(
            "cbc:BaseAmount",  # BT-93, BT-100, BT-137, BT-142
            None if percentage is None else amount(base),
            currencyID=currency,
        ),
        tax,
    )


def tax_category(tag: str, category: VatCategory, rate: Decimal) -> Node:
    """Return a category with its rate; what is outside the scope of VAT has none (BR-O-05, BR-O-06, BR-O-07)."""
    return branch(
        tag,
        leaf("cbc:ID", category),
        leaf("cbc:Percent", None if category is VatCategory.OUTSIDE_SCOPE else number(rate)),
        _vat(),
    )


def tax_totals(document: Document) -> tuple[Node, ...]:
    """Return the tax total with its parts (BT-110, BG-23), and the one in the accounting currency (BT-111)."""
    content, totals, currency = document.content, document.totals, document.content.currency
    rate, accounting = content.exchange_rate, totals.accounting_vat
    return (
        branch(
            "cac:TaxTotal",
            leaf("cbc:TaxAmount", amount(totals.vat), currencyID=currency),  # BT-110
            *(_part(part, currency) for part in totals.breakdown),  # BG-23
        ),
        branch(
            "cac:TaxTotal",
            leaf(
                "cbc:TaxAmount",  # BT-111
                None if accounting is None else amount(accounting),
                currencyID=None if rate is None else rate.currency,
            ),
        ),
    )


def _part(part: VatBreakdown, currency: str) -> Node:
    return branch(
        "cac:TaxSubtotal",
        leaf("cbc:TaxableAmount", amount(part.taxable_amount), currencyID=currency),  # BT-116
        leaf("cbc:TaxAmount", amount(part.tax_amount), currencyID=currency),  # BT-117
        branch(
            "cac:TaxCategory",
            leaf("cbc:ID", part.category),  # BT-118
            leaf("cbc:Percent", number(part.rate)),  # BT-119, of every part (BR-DE-14)
            leaf("cbc:TaxExemptionReasonCode", part.exemption_code),  # BT-121
            leaf("cbc:TaxExemptionReason", part.exemption_reason),  # BT-120
            _vat(),
        ),
    )


def monetary_total(totals: Totals, currency: str) -> Node:
    """Return the document totals (BG-22)."""
    rounding, prepaid = totals.rounding, totals.prepaid
    return branch(
        "cac:LegalMonetaryTotal",
        leaf("cbc:LineExtensionAmount", amount(totals.lines_net), currencyID=currency),  # BT-106
        leaf("cbc:TaxExclusiveAmount", amount(totals.net), currencyID=currency),  # BT-109
        leaf("cbc:TaxInclusiveAmount", amount(totals.gross), currencyID=currency),  # BT-112
        leaf("cbc:AllowanceTotalAmount", amount(totals.allowances), currencyID=currency),  # BT-107
        leaf("cbc:ChargeTotalAmount", amount(totals.charges), currencyID=currency),  # BT-108
        leaf("cbc:PrepaidAmount", amount(prepaid) if prepaid else None, currencyID=currency),  # BT-113
        leaf("cbc:PayableRoundingAmount", amount(rounding) if rounding else None, currencyID=currency),  # BT-114
        leaf("cbc:PayableAmount", amount(totals.payable), currencyID=currency),  # BT-115
    )


def _vat() -> Node:
    return branch("cac:TaxScheme", leaf("cbc:ID", "VAT"))
