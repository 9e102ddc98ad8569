"""An early-payment discount that a customer took: credited by VAT rate, the rest of the invoice is paid."""

from decimal import Decimal

import pytest

from services.invoices.domain.document.content import Content, DocumentType, Preceding
from services.invoices.domain.receivable import PaymentState, standing
from services.invoices.handlers.receivables import load_receivable
from tests.unit.invoices.contents import sold
from tests.unit.invoices.quoting import Sales


@pytest.mark.parametrize(
    ("net", "off"),
    [({"19": "100.00", "7": "50.00"}, {"19": "2.00", "7": "1.00"}), ({"19": "12345.50"}, {"19": "246.91"})],
)
def test_a_discount_that_was_taken_is_credited_by_rate(net: dict[str, str], off: dict[str, str]) -> None:
    sales = Sales()
    shop, today = sales.shop, sales.today

    def issued(kind: DocumentType, amounts: dict[str, str], *before: Preceding) -> tuple[str, str]:
        lines = tuple(sold("1", amount, rate) for rate, amount in amounts.items())
        content = Content(kind, shop.customer, today, "EUR", lines, preceding=before)
        numbered = shop.issue(shop.draft(content).invoice_id)
        return numbered.invoice_id, numbered.number

    invoice_id, number = issued(DocumentType.INVOICE, net)
    gross = shop.found(invoice_id).totals.payable
    sales.pay(invoice_id, (gross * 98 / 100).quantize(Decimal("0.01")))
    issued(DocumentType.CREDIT_NOTE, off, Preceding(invoice_id, number))
    receivable, _ = load_receivable(sales.ports, shop.tenant, invoice_id)
    stands = standing(receivable, today)
    assert (stands.state, stands.owed, stands.excess) == (PaymentState.PAID, Decimal("0.00"), Decimal("0.00"))
