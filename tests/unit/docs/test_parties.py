"""docs/parties.md and docs/items.md: their examples are taken as they stand there."""

import json
import re
from pathlib import Path

import pytest
from marshmallow import Schema

from shared.contracts.customers import RegisterCustomerRequest
from shared.contracts.identifiers import CHECKED_COUNTRIES
from shared.contracts.invoices import DraftInvoiceRequest
from shared.contracts.items import RegisterItemRequest

DOCS = Path(__file__).parents[3] / "docs"
PAGE, ITEMS = ((DOCS / name).read_text(encoding="utf-8") for name in ("parties.md", "items.md"))
_EU = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"
EU = frozenset(_EU.split())
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE + ITEMS, re.DOTALL)
SCHEMAS = [RegisterCustomerRequest, RegisterItemRequest, DraftInvoiceRequest]


@pytest.mark.parametrize(("schema", "example"), list(zip(SCHEMAS, EXAMPLES, strict=True)))
def test_an_example_is_a_request(schema: type[Schema], example: str) -> None:
    assert schema().validate(json.loads(example)) == {}


def test_the_countries_whose_check_digits_are_judged_are_those_on_the_page() -> None:
    named = re.search(r"Northern Ireland and ([A-Z ]+);", PAGE)
    assert named is not None
    assert set(named[1].split()) == CHECKED_COUNTRIES - EU
