"""`tallystick seller logo`."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.attachments import MAX_LOGO, SetLogoRequest
from tests.unit.cli.running import Running, log_in, tallystick
from tests.unit.invoices.files import picture


class Seller(Running):
    """A business that is being told what it looks like."""

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:  # noqa: ARG002 - any
        return {"position": 7, "receipt": "proof"}


@pytest.fixture
def seller(monkeypatch: pytest.MonkeyPatch) -> Seller:
    seller = Seller()
    log_in(monkeypatch, seller)
    return seller


def test_a_picture_is_sent_as_it_is(seller: Seller, tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(picture("PNG"))
    assert tallystick("seller", "logo", str(file)).output == "The logo is set.\n"
    [(_, method, request)] = seller.done
    assert (method, base64.b64decode(request["content_base64"])) == ("set_logo", picture("PNG"))
    assert SetLogoRequest().validate(request) == {}


def test_a_logo_is_removed(seller: Seller) -> None:
    assert tallystick("seller", "logo", "--remove").output == "The logo is removed.\n"
    assert seller.done == [("invoices", "remove_logo", {})]


@pytest.mark.parametrize("size", [0, MAX_LOGO + 1])
def test_a_file_that_is_no_logo_by_its_size_is_not_sent(seller: Seller, tmp_path: Path, size: int) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(b"\x89" * size)
    result = tallystick("seller", "logo", str(file))
    assert (result.exit_code, seller.done) == (2, [])
    assert str(MAX_LOGO) in result.output


@pytest.mark.parametrize("arguments", [(), ("--remove", __file__)])
def test_a_file_or_removing_is_named_and_not_both(seller: Seller, arguments: tuple[str, ...]) -> None:
    assert tallystick("seller", "logo", *arguments).exit_code == 2
    assert seller.done == []
