"""What is sold, and what is taken off or added, in CII."""

from decimal import Decimal

from services.invoices.adapters.xml import facts
from services.invoices.adapters.xml.cii_values import moment
from services.invoices.adapters.xml.tree import Node, amount, branch, leaf, number, yes_or_no
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, Line, Period
from services.invoices.domain.document.totals import LineAmounts
from services.invoices.domain.document.vat import VatCategory


def item_line(number_: int, line: Line, amounts: LineAmounts) -> Node:
    """Return one line (BG-25) under its number (BT-126)."""
    return branch(
        "ram:IncludedSupplyChainTradeLineItem",
        branch(
            "ram:AssociatedDocumentLineDocument",
            leaf("ram:LineID", str(number_)),  # BT-126
            branch("ram:IncludedNote", leaf("ram:Content", line.note)),  # BT-127
        ),
        branch(
            "ram:SpecifiedTradeProduct",
            leaf("ram:GlobalID", line.standard_item_id, schemeID=facts.GTIN),  # BT-157
            leaf("ram:SellerAssignedID", line.item_reference),  # BT-155
            leaf("ram:BuyerAssignedID", line.buyer_item_reference),  # BT-156
            leaf("ram:Name", line.name),  # BT-153
            leaf("ram:Description", line.description),  # BT-154
            branch("ram:OriginTradeCountry", leaf("ram:ID", line.origin_country)),  # BT-159
        ),
        branch(
            "ram:SpecifiedLineTradeAgreement",
            branch("ram:BuyerOrderReferencedDocument", leaf("ram:LineID", line.order_line)),  # BT-132
            branch(
                "ram:NetPriceProductTradePrice",
                leaf("ram:ChargeAmount", number(amounts.net_price)),  # BT-146
                leaf(
                    "ram:BasisQuantity",  # BT-149
                    None if line.base_quantity == 1 else number(line.base_quantity),
                    unitCode=line.unit,  # BT-150
                ),
            ),
        ),
        branch(
            "ram:SpecifiedLineTradeDelivery",
            leaf("ram:BilledQuantity", number(line.quantity), unitCode=line.unit),  # BT-129, BT-130
        ),
        branch(
            "ram:SpecifiedLineTradeSettlement",
            tax_category("ram:ApplicableTradeTax", line.vat_category, line.vat_rate),  # BT-151, BT-152
            period(line.period),  # BG-26
            *(
                adjustment(each, value, facts.line_base(line, amounts))
                for each, value in zip(line.adjustments, amounts.adjustments, strict=True)
            ),  # BG-27, BG-28
            branch(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                leaf("ram:LineTotalAmount", amount(amounts.net)),  # BT-131
            ),
        ),
    )


def period(period: Period | None) -> Node:
    """Return a period (BG-14, BG-26)."""
    if period is None:
        return None
    return branch(
        "ram:BillingSpecifiedPeriod",
        branch("ram:StartDateTime", moment(period.start)),  # BT-73, BT-134
        branch("ram:EndDateTime", moment(period.end)),  # BT-74, BT-135
    )


def adjustment(adjustment: Adjustment, value: Decimal, base: Decimal, tax: Node = None) -> Node:
    """Return an allowance or charge of a line (BG-27, BG-28), or with its tax one of the document (BG-20, BG-21)."""
    percentage = adjustment.percentage
    return branch(
        "ram:SpecifiedTradeAllowanceCharge",
        branch("ram:ChargeIndicator", leaf("udt:Indicator", yes_or_no(adjustment.kind is AdjustmentKind.CHARGE))),
        leaf("ram:CalculationPercent", None if percentage is None else number(percentage)),  # BT-94, 101, 138, 143
        leaf("ram:BasisAmount", None if percentage is None else amount(base)),  # BT-93, BT-100, BT-137, BT-142
        leaf("ram:ActualAmount", amount(value)),  # BT-92, BT-99, BT-136, BT-141
        leaf("ram:ReasonCode", adjustment.reason_code),  # BT-98, BT-105, BT-140, BT-145
        leaf("ram:Reason", adjustment.reason),  # BT-97, BT-104, BT-139, BT-144
        tax,
    )


def tax_category(tag: str, category: VatCategory, rate: Decimal) -> Node:
    """Return a category with its rate; what is outside the scope of VAT has none (BR-O-05, BR-O-06, BR-O-07)."""
    return branch(
        tag,
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:CategoryCode", category),
        leaf("ram:RateApplicablePercent", None if category is VatCategory.OUTSIDE_SCOPE else number(rate)),
    )
