"""Whoever may deal with quotes under conditions does so within them and not beyond."""

import pytest

from shared.contracts.conditions import Condition
from shared.contracts.permissions import Permission
from tests.integration.invoices.judged_requests import QUOTES, offering
from tests.integration.invoices.judged_shop import ENOUGH, OWN, SMALL, Claim, Shop, permission_of

pytestmark = pytest.mark.integration

# Of each condition: what does not cover a colleague's quote, what covers one's own, and the reason given.
CLAIMS: dict[Condition, tuple[Claim, Claim, str]] = {
    Condition.OWN_CUSTOMERS: (OWN, OWN, "not_own_customer"),
    Condition.AMOUNT: (SMALL, ENOUGH, "amount_above_limit"),
}


@pytest.mark.parametrize(("method", "condition"), QUOTES)
def test_what_the_conditions_do_not_cover_is_refused_and_nothing_is_recorded(
    shop: Shop, method: str, condition: Condition
) -> None:
    narrow, _, reason = CLAIMS[condition]
    assert shop.refuses_bob(method, narrow, QUOTES[method, condition](shop.quotes_of(shop.ada))) == [reason]


@pytest.mark.parametrize(("method", "condition"), QUOTES)
def test_what_the_conditions_cover_is_done(shop: Shop, method: str, condition: Condition) -> None:
    _, wide, _ = CLAIMS[condition]
    assert shop.as_bob(method, permission_of(method), wide, QUOTES[method, condition](shop.quotes_of(shop.bob)))


def test_a_quote_is_changed_from_and_to_what_the_limit_covers(shop: Shop) -> None:
    own = shop.quotes_of(shop.bob)
    named = {"quote_id": own["open"], "expected_version": 1}
    smaller, larger = ({**named, **offering(own, quantity=quantity)} for quantity in ("1", "3"))
    assert shop.refuses_bob("change_quote", SMALL, smaller) == ["amount_above_limit"]
    assert shop.refuses_bob("change_quote", ENOUGH, larger) == ["amount_above_limit"]


def test_a_deposit_is_judged_by_what_it_comes_to_and_not_by_the_quote(shop: Shop) -> None:
    accepted = shop.quotes_of(shop.bob)["accepted"]
    deposit = {"quote_id": accepted, "deposit_percent": "50"}
    assert shop.as_bob("invoice_quote", Permission.INVOICE_DRAFT, SMALL, deposit)["invoice_id"]


def test_a_list_of_quotes_shows_those_of_own_customers_only(shop: Shop) -> None:
    of_ada, of_bob = shop.quotes_of(shop.ada), shop.quotes_of(shop.bob)
    after = {"after": shop.ada.ask("checkpoint")["size"] - 1}
    everybodys = shop.ada.ask("list_quotes", **after)["quotes"]
    assert [each["quote_id"] for each in everybodys] == [
        of[state] for of in (of_ada, of_bob) for state in ("open", "accepted")
    ]
    shown = shop.as_bob("list_quotes", Permission.QUOTE_READ, OWN, after)["quotes"]
    assert [each["quote_id"] for each in shown] == [of_bob["open"], of_bob["accepted"]]
    of_a_colleague = {**after, "customer_id": of_ada["customer"]}
    assert shop.as_bob("list_quotes", Permission.QUOTE_READ, OWN, of_a_colleague)["quotes"] == []
