"""What the seller says of itself: what a change of account does to it, and what a small business does not charge."""

from dataclasses import replace
from datetime import date

import pytest

from services.invoices.commands.sellers import ConfigureSeller
from services.invoices.domain.approval import Approval
from services.invoices.domain.bank_account import fold_seller
from services.invoices.domain.document.parties import Seller
from services.invoices.domain.document.vat import Exemption, VatCategory
from services.invoices.domain.events import BankAccountChanged, SellerConfigured
from services.invoices.handlers import sellers
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import content, sold
from tests.unit.invoices.samples import SELLER
from tests.unit.invoices.shop import Shop, command_id


def configured(shop: Shop, **changes: object) -> Seller:
    seller = replace(SELLER, **changes)  # type: ignore[arg-type]  # as the seller's
    sellers.configure_seller(
        shop.ports,
        ConfigureSeller(seller),
        tenant=shop.tenant,
        command_id=command_id(),
        require_step_up=lambda: None,
    )
    return sellers.get_seller(shop.ports, tenant=shop.tenant)


def test_another_account_has_not_the_bank_of_the_old_one() -> None:
    by = Approval("ada", ("pwd", "otp")), Approval("bob", ("pwd", "otp"))
    changed = BankAccountChanged("request", "GB33BUKB20201555555555", date(2026, 11, 22), by, "0" * 64)
    seller = fold_seller([SellerConfigured(replace(SELLER, bic="DEUTDEFF", account_name="Ada KG")), changed]).seller
    assert seller is not None
    assert (seller.iban, seller.bic, seller.account_name) == ("GB33BUKB20201555555555", None, "Ada KG")
    assert seller.account_since == date(2026, 11, 22)


def test_a_seller_who_says_more_keeps_the_account_and_since_when() -> None:
    shop = Shop()
    before = sellers.get_seller(shop.ports, tenant=shop.tenant)
    seller = configured(shop, trading_name="Cycles", bic="DEUTDEFF", colour="#0b5c8f")
    assert (seller.trading_name, seller.bic, seller.colour) == ("Cycles", "DEUTDEFF", "#0b5c8f")
    assert (seller.iban, seller.account_since) == (before.iban, before.account_since)


def test_a_small_business_issues_no_vat_and_what_is_exempt() -> None:
    shop = Shop()
    configured(shop, small_business=True)
    taxed = shop.draft(content(sold(), customer_id=shop.customer)).invoice_id
    with pytest.raises(PublicError) as refused:
        shop.issue(taxed)
    assert (refused.value.code, refused.value.details) == (ErrorCode.DOCUMENT_INVALID, {"field": "lines"})
    exempt = Exemption(VatCategory.EXEMPT, reason="Small business, § 19 UStG")
    free = content(sold(rate="0", category="E"), customer_id=shop.customer, exemptions=(exempt,))
    assert shop.issue(shop.draft(free).invoice_id).number == "INV-000001"
