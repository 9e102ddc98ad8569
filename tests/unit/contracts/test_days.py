"""Days in requests: of the calendar, and such that a sum of days stays within it."""

import pytest
from marshmallow import Schema, ValidationError

from shared.contracts.fields import date_field


class _Request(Schema):
    day = date_field()


@pytest.mark.parametrize("day", ["1900-01-01", "2026-02-28", "2200-12-31"])
def test_a_day_is_taken(day: str) -> None:
    assert _Request().load({"day": day}) == {"day": day}


@pytest.mark.parametrize("day", ["1899-12-31", "2201-01-01", "9999-12-31", "0001-01-01", "2026-02-29", "20260228"])
def test_what_is_no_day_or_out_of_all_reach_is_refused(day: str) -> None:
    with pytest.raises(ValidationError):
        _Request().load({"day": day})
