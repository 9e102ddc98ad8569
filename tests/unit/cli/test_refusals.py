"""What a service refused is said with the field that it is about."""

import pytest

from cli.refusals import described
from shared.contracts.errors import ErrorCode, PublicError


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({}, "No."),
        ({"field": "preceding.0.number"}, "No. (preceding.0.number)"),
        ({"line": 2, "field": "quantity"}, "No. (lines.2.quantity)"),
        ({"fields": {"name": ["Too long."]}}, 'No. {"name": ["Too long."]}'),
        ({"reasons": [{"text": "It is night.", "code": "hours"}]}, "No. It is night."),
        ({"field": {"unexpected": 1}}, "No."),
    ],
)
def test_what_was_refused_is_said_with_its_place(details: dict[str, object], said: str) -> None:
    assert described(PublicError(ErrorCode.DOCUMENT_INVALID, "No.", details)) == said
