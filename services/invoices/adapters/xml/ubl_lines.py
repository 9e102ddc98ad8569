"""What is sold, in UBL."""

from services.invoices.adapters.xml import facts
from services.invoices.adapters.xml.tree import Node, amount, branch, iso_day, leaf, number
from services.invoices.adapters.xml.ubl_amounts import adjustment, tax_category
from services.invoices.domain.document.lines import Line, Period
from services.invoices.domain.document.totals import LineAmounts


def item_line(number_: int, line: Line, amounts: LineAmounts, currency: str, *, credit: bool) -> Node:
    """Return one line (BG-25) under its number (BT-126); a credit note's lines have names of their own."""
    return branch(
        "cac:CreditNoteLine" if credit else "cac:InvoiceLine",
        leaf("cbc:ID", str(number_)),  # BT-126
        leaf("cbc:Note", line.note),  # BT-127
        leaf(
            "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity",  # BT-129
            number(line.quantity),
            unitCode=line.unit,  # BT-130
        ),
        leaf("cbc:LineExtensionAmount", amount(amounts.net), currencyID=currency),  # BT-131
        period(line.period),  # BG-26
        branch("cac:OrderLineReference", leaf("cbc:LineID", line.order_line)),  # BT-132
        *(
            adjustment(each, value, facts.line_base(line, amounts), currency)
            for each, value in zip(line.adjustments, amounts.adjustments, strict=True)
        ),  # BG-27, BG-28
        _item(line),  # BG-31
        branch(
            "cac:Price",
            leaf("cbc:PriceAmount", number(amounts.net_price), currencyID=currency),  # BT-146
            leaf(
                "cbc:BaseQuantity",  # BT-149
                None if line.base_quantity == 1 else number(line.base_quantity),
                unitCode=line.unit,  # BT-150
            ),
        ),
    )


def _item(line: Line) -> Node:
    return branch(
        "cac:Item",
        leaf("cbc:Description", line.description),  # BT-154
        leaf("cbc:Name", line.name),  # BT-153
        branch("cac:BuyersItemIdentification", leaf("cbc:ID", line.buyer_item_reference)),  # BT-156
        branch("cac:SellersItemIdentification", leaf("cbc:ID", line.item_reference)),  # BT-155
        branch("cac:StandardItemIdentification", leaf("cbc:ID", line.standard_item_id, schemeID=facts.GTIN)),  # BT-157
        branch("cac:OriginCountry", leaf("cbc:IdentificationCode", line.origin_country)),  # BT-159
        tax_category("cac:ClassifiedTaxCategory", line.vat_category, line.vat_rate),  # BT-151, BT-152
    )


def period(period: Period | None, tax_point: str | None = None) -> Node:
    """Return a period (BG-14, BG-26), where UBL says with what the VAT becomes due, too."""
    first, last = (None, None) if period is None else (period.start, period.end)
    return branch(
        "cac:InvoicePeriod",
        leaf("cbc:StartDate", iso_day(first)),  # BT-73, BT-134
        leaf("cbc:EndDate", iso_day(last)),  # BT-74, BT-135
        leaf("cbc:DescriptionCode", tax_point),  # BT-8
    )
