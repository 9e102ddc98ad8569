"""The list of documents: what is found, in which order, page by page."""

from datetime import date
from typing import Any

import pytest

from services.invoices.domain.document.content import DocumentType
from services.invoices.read_models import pages
from services.invoices.read_models.filters import Wanted
from services.invoices.read_models.ordering import VALUES, Order
from shared.contracts.errors import ErrorCode
from tests.integration.invoices.paying import Till, share
from tests.integration.invoices.trade import Trade, line, refused_with

pytestmark = pytest.mark.integration


@pytest.fixture
def shop(trade: Trade) -> dict[str, str]:
    """Documents of two customers, by name."""
    bikes, wheels = trade.customer("Hof van Fietsen B.V."), trade.customer("Rowerownia Łódź")
    till = Till(trade)
    ids = {
        "draft": trade.draft(bikes, line("7"), buyer_reference="BUYER-1").invoice_id,
        "paid": trade.issued(bikes, line("1", "100"), order_reference="po  77").invoice_id,
        "late": trade.issued(wheels, line("2", "10"), due_date=date(2026, 6, 10)).invoice_id,
        "part": trade.issued(wheels, line("3", "10"), currency="PLN", issue_date=date(2026, 5, 31)).invoice_id,
        "credit": trade.issued(bikes, line("1", "5"), document_type=DocumentType.CREDIT_NOTE).invoice_id,
        "lost": trade.issued(wheels, line("1", "0.10"), external_reference="BUYER-1").invoice_id,
    }
    till.record(bikes, "119.00", share(ids["paid"], "119.00"))
    till.record(wheels, "20.00", share(ids["part"], "1.00"), currency="PLN")
    till.write_off(ids["lost"])
    trade.runner.run_once()
    return ids


def names(shop: dict[str, str], page: dict[str, Any]) -> list[str]:
    by_id = {invoice_id: name for name, invoice_id in shop.items()}
    return [by_id[each["invoice_id"]] for each in page["invoices"]]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(customer_name=" hof van FIETSEN b.v."), ["draft", "paid", "credit"]),
        (Wanted(number="inv-000002"), ["late"]),
        (Wanted(number="INV-00000"), []),
        (Wanted(reference="PO 77"), ["paid"]),
        (Wanted(reference="buyer-1"), ["draft", "lost"]),
        (Wanted(states=("draft",)), ["draft"]),
        (Wanted(document_types=("credit_note",)), ["credit"]),
        (Wanted(currency="PLN"), ["part"]),
        (Wanted(issue_from="2026-05-31", issue_to="2026-06-01"), ["part"]),
        (Wanted(issue_from="2026-06-03"), []),
        (Wanted(due_from="2026-06-03", due_to="2026-06-10"), ["late"]),
        (Wanted(amount_from="23.80", amount_to="35.70"), ["late", "part"]),
        (Wanted(payment_states=("paid",)), ["paid"]),
        (Wanted(payment_states=("overdue",)), ["late", "part"]),
        (Wanted(payment_states=("written_off",)), ["lost"]),
        (Wanted(payment_states=("open",)), []),
        (Wanted(customer_name="Rowerownia Łódź", payment_states=("overdue",), currency="EUR"), ["late"]),
    ],
)
def test_what_is_wanted_is_found_and_nothing_else(
    trade: Trade, shop: dict[str, str], wanted: Wanted, expected: list[str]
) -> None:
    assert names(shop, trade.listed(wanted)) == expected


def test_how_an_invoice_stands_depends_on_the_day(trade: Trade, shop: dict[str, str]) -> None:
    early = trade.listed(Wanted(payment_states=("open", "partly_paid")), day=date(2026, 5, 31))
    assert names(shop, early) == ["late", "part"]
    shown = {each["invoice_id"]: each for each in trade.listed()["invoices"]}
    assert (shown[shop["part"]]["payment_state"], shown[shop["part"]]["owed"]) == ("overdue", "34.70")
    assert (shown[shop["paid"]]["payment_state"], shown[shop["paid"]]["owed"]) == ("paid", "0.00")
    assert "payment_state" not in shown[shop["draft"]]
    assert "owed" not in shown[shop["credit"]]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order("drafted"), ["draft", "paid", "late", "part", "credit", "lost"]),
        (Order("drafted", backwards=True), ["lost", "credit", "part", "late", "paid", "draft"]),
        (Order("issued", backwards=True), ["lost", "credit", "part", "late", "paid", "draft"]),
        (Order("number"), ["credit", "paid", "late", "part", "lost", "draft"]),
        (Order("number", backwards=True), ["lost", "part", "late", "paid", "credit", "draft"]),
        (Order("issue_date"), ["part", "draft", "paid", "late", "credit", "lost"]),
        (Order("due_date", backwards=True), ["late", "draft", "paid", "credit", "lost", "part"]),
        (Order("payable"), ["lost", "credit", "late", "part", "draft", "paid"]),
        (Order("customer_name", backwards=True), ["late", "part", "lost", "draft", "paid", "credit"]),
    ],
)
def test_documents_come_in_the_order_that_was_asked_for(
    trade: Trade, shop: dict[str, str], order: Order, expected: list[str]
) -> None:
    assert names(shop, trade.listed(order=order)) == expected


def all_pages(trade: Trade, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- as the list's
    shown, after = [], None
    while True:
        page = trade.listed(page_after=after, **asked)
        shown.append(page)
        if "next_page" not in page:
            return shown
        after = page["next_page"]


@pytest.mark.parametrize("order", [Order(by, backwards) for by in VALUES for backwards in (False, True)])
def test_pages_are_together_what_one_page_would_be(trade: Trade, shop: dict[str, str], order: Order) -> None:
    whole = trade.listed(order=order)["invoices"]
    assert len(whole) == len(shop)
    for limit in (1, 2, 5):
        assert [each for page in all_pages(trade, order=order, limit=limit) for each in page["invoices"]] == whole


@pytest.mark.parametrize("backwards", [False, True])
def test_a_page_is_looked_for_beyond_the_first_rows_when_only_opened_ones_tell(
    trade: Trade, shop: dict[str, str], *, backwards: bool
) -> None:
    order, wanted = Order("drafted", backwards), Wanted(payment_states=("overdue",))
    late = names(shop, trade.listed(wanted, order=order))
    assert sorted(late) == ["late", "part"]
    pages = all_pages(trade, wanted=wanted, order=order, limit=1)
    assert [names(shop, page) for page in pages] == [[each] for each in late]


def test_what_happens_between_two_pages_changes_none_of_them(trade: Trade, shop: dict[str, str]) -> None:
    whole = trade.listed(order=Order("payable"))
    first = trade.listed(order=Order("payable"), limit=2)
    trade.issue(shop["draft"])
    trade.issued(trade.customer(), line("1", "0.01"))
    trade.runner.run_once()
    rest = trade.listed(order=Order("payable"), page_after=first["next_page"])
    assert [*first["invoices"], *rest["invoices"]] == whole["invoices"]
    assert rest["as_of"] == whole["as_of"]
    assert len(trade.listed()["invoices"]) == 7


def test_a_page_of_another_order_or_of_nothing_is_refused(trade: Trade, shop: dict[str, str]) -> None:
    page = trade.listed(limit=1)
    assert shop
    for after, order in [(page["next_page"], Order("payable")), ("e30", Order()), ("W10", Order()), ("x", Order())]:
        with refused_with(ErrorCode.MALFORMED_REQUEST):
            trade.listed(page_after=after, order=order)
    forged = pages.Beginning(page["as_of"], "payable+", (False, "no amount", 1)).text()
    with refused_with(ErrorCode.MALFORMED_REQUEST):
        trade.listed(page_after=forged, order=Order("payable"))


def test_a_page_ends_before_it_grows_too_large(
    trade: Trade, shop: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 1000)
    shown = all_pages(trade)
    assert len(shown) > 1
    assert [name for page in shown for name in names(shop, page)] == list(shop)
