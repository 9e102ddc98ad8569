"""`tallystick seller show`."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.cli.running import Running, log_in, tallystick

_LEAST = {
    "name": "Ada & Co",
    "email": "billing@ada.example",
    "iban": "DE02120300000000202051",
    "address": {"line": "Canal Street 7", "city": "Hamburg", "post_code": "20095", "country_code": "DE"},
    "account_since": "2026-01-02",
}
_MORE = {
    "trading_name": "Ada's\x1b[2J",
    "vat_id": "DE123456788",
    "tax_number": "22/815",
    "bic": "DEUTDEFF",
    "electronic_address": {"scheme": "0088", "identifier": "4012345500004"},
    "small_business": True,
}


class Seller(Running):
    """A business that says who it is."""

    more: Mapping[str, object] = _MORE

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:  # noqa: ARG002 - any
        return {**_LEAST, **self.more}


@pytest.fixture
def seller(monkeypatch: pytest.MonkeyPatch) -> Seller:
    seller = Seller()
    log_in(monkeypatch, seller)
    return seller


@pytest.mark.usefixtures("seller")
def test_a_seller_is_shown_in_lines_that_a_terminal_can_take() -> None:
    assert tallystick("seller", "show").output.splitlines() == [
        "Ada & Co, trading as Ada's\\u001b[2J, VAT id DE123456788, tax number 22/815",
        "Canal Street 7, 20095 Hamburg, DE, billing@ada.example",
        "account DE02120300000000202051, BIC DEUTDEFF, valid since 2026-01-02",
        "electronic address 0088:4012345500004",
        "a small business: no VAT is charged",
        "no logo",
    ]


def test_what_a_seller_does_not_say_has_no_line(seller: Seller) -> None:
    seller.more = {}
    assert tallystick("seller", "show").output.splitlines() == [
        "Ada & Co",
        "Canal Street 7, 20095 Hamburg, DE, billing@ada.example",
        "account DE02120300000000202051, valid since 2026-01-02",
        "no logo",
    ]
