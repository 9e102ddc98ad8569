from datetime import date
from decimal import Decimal

import pytest

from services.invoices.domain.document.parties import Address, Seller
from services.invoices.domain.reminder_policy import ReminderLevel, ReminderPolicy
from services.invoices.read_models.filters import ANY, Wanted
from services.invoices.read_models.reports import Page, Reports
from tests.at_rest import everything_at_rest, spellings
from tests.integration.invoices.paying import Till, share
from tests.integration.invoices.test_reminders import configure, remind
from tests.integration.invoices.trade import ALL, SELLER, Trade, everything, line

pytestmark = pytest.mark.integration

CANARIES = (
    *("Canary Sellers", "Canary Road", "Canarytown", "CA1 9NARY", "GB82WEST12345698765432", "GB999888777"),
    *("Canary Buyers", "Canary Lane", "Canaryville", "canary.buyer@canary.example", "Canary Reference"),
    *("Canary Line Text", "Canary Item", "Canary Note", "Canary Order", "98765.43", "117530.86"),
    *("INV-000001", "%PDF-1."),
    *("Canary Leitweg", "Canary Contract", "Canary Project", "canary leitweg", "Canary Remittance", "Canary Bank Line"),
    *("54321.98", "DE89370400440532013000", "2026-06-23", "43211.87"),
)


def test_no_table_holds_anything_sensitive_in_the_clear(lonely_trade: Trade) -> None:
    trade = lonely_trade
    address = Address("Canary Road 1", "Canarytown", "CA1 9NARY", "GB")
    mail = "canary.seller@canary.example"
    trade.configure(Seller("Canary Sellers", address, mail, SELLER.iban, vat_id="GB999888777"))
    trade.approve_account(trade.request_account("GB82WEST12345698765432"))
    customer = trade.customer(
        "Canary Buyers",
        email="canary.buyer@canary.example",
        address=Address("Canary Lane 2", "Canaryville", "CA2 9NARY", "GB"),
        reference="Canary Reference",
    )
    issued = trade.issued(
        customer,
        line("1", "98765.43", "Canary Line Text"),
        note="Canary Note",
        external_reference="Canary Order",
        buyer_reference="Canary Leitweg",
        contract_reference="Canary Contract",
        project_reference="Canary Project",
    )
    Till(trade).recorded(
        customer,
        "54321.98",
        share(issued.invoice_id, "54321.98"),
        value_date=date(2026, 6, 23),
        bank_reference="Canary Bank Line",
        remittance="Canary Remittance",
        payer_account="DE89370400440532013000",
    )
    configure(trade, ReminderPolicy("EUR", (ReminderLevel(1, 0, Decimal("43211.87")),)))
    claim = remind(trade, issued.invoice_id)
    trade.archive(issued.invoice_id)
    trade.runner.run_once()

    # They are all there for who holds the keys, so what is looked for is what was written.
    found = trade.queries.invoice(trade.tenant, issued.invoice_id, after=issued.position, allow=everything)
    assert (found["number"], found["totals"]["payable"]) == ("INV-000001", "117530.86")
    (listed,) = trade.listed(Wanted(reference="canary leitweg", payment_states=("overdue",)), day=date(2027, 1, 1))[
        "invoices"
    ]
    assert listed["owed"] == "63208.88"
    items = Reports(trade.queries).open_items(trade.tenant, ANY, date(2027, 1, 1), Page(2), ALL)["items"]
    assert {item["invoice_id"]: item["owed"] for item in items} == {issued.invoice_id: "63208.88", claim: "43211.87"}
    document = trade.document(issued.invoice_id)
    assert document.content.startswith(b"%PDF-1.")

    at_rest = everything_at_rest(trade.database)
    assert issued.invoice_id in at_rest
    for canary in CANARIES:
        for form in spellings(canary):
            assert form not in at_rest, canary
