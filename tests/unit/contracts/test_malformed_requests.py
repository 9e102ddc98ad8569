"""Whatever stands in a field of a request, it is taken or refused: no rule of a contract fails at what it judges."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from shared.contracts.payments import RecordPaymentRequest
from shared.contracts.quotes import InvoiceQuoteRequest
from shared.contracts.reminders import ConfigureRemindersRequest, RecordBaseRateRequest
from tests.reference.offered import offered

_WORDS = ("", "abc", " ", "\ud800", "²", "\u0661", "NaN", "-Infinity", "1e999999", "9" * 5000, "-", "2026-02-30")
_NUMBERS = (True, False, -1, 10**400, 1.5, float("nan"), float("inf"), Decimal("sNaN"))
PLAIN = (None, *_WORDS, *_NUMBERS, b"\xff")
_LISTS = (*([each] for each in PLAIN), [[]], [{}], [["a"], ["a"]])
ANYTHING: tuple[object, ...] = (*PLAIN, *_LISTS, {}, {"": None}, {"amount": "abc"})


def shapes_in(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and those within it."""
    yield schema
    for field in schema.fields.values():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from shapes_in(inner.schema)


SHAPES = {
    f"{type(each).__module__}.{type(each).__name__}": each
    for method in offered()
    for each in shapes_in(method.endpoint.request)
}


def refused(schema: Schema, asked: Mapping[str, Any]) -> dict[str, Any]:
    with pytest.raises(ValidationError) as refusal:
        schema.load(asked)
    return refusal.value.messages_dict


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_anything_in_a_field_is_taken_or_refused(name: str) -> None:
    schema = SHAPES[name]
    for each in ANYTHING:
        for field in schema.fields:
            with suppress(ValidationError):
                schema.load({field: each})
        with suppress(ValidationError):
            schema.load(dict.fromkeys(schema.fields, each))


def test_the_shapes_that_are_walked_have_amounts_and_days_in_them() -> None:
    inside = {field for schema in SHAPES.values() for field in schema.fields}
    assert {"amount", "value_date", "deposit_percent", "business_margin", "unit_price", "as_of"} <= inside


def test_a_word_in_the_place_of_an_amount_is_refused_by_its_field() -> None:
    messages = [
        refused(RecordPaymentRequest(), {"amount": "abc"})["amount"],
        refused(RecordPaymentRequest(), {"allocations": [{"amount": "abc"}]})["allocations"][0]["amount"],
        refused(InvoiceQuoteRequest(), {"deposit_percent": "abc"})["deposit_percent"],
        refused(RecordBaseRateRequest(), {"percent": "abc"})["percent"],
        refused(ConfigureRemindersRequest(), {"business_margin": "abc"})["business_margin"],
    ]
    assert [len(each) for each in messages] == [1] * 5
    assert all(each[0].startswith("A decimal string") for each in messages)


@pytest.mark.parametrize(("amount", "said"), [("0.00", "Not above zero."), ("0", "Not above zero.")])
def test_a_number_of_the_right_form_is_still_judged(amount: str, said: str) -> None:
    assert refused(RecordPaymentRequest(), {"amount": amount})["amount"] == [said]


def test_the_word_maybe_is_no_answer_to_yes_or_no() -> None:
    assert "automatic" in refused(ConfigureRemindersRequest(), {"automatic": "maybe"})
