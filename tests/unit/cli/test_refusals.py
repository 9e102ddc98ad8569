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
        ({"incident": "019aa0e5"}, "No. (incident: 019aa0e5)"),
        ({"retry_after": 30}, "No. (retry after: 30)"),
        ({"modules": ["fraud", "keys"]}, "No. (modules: fraud, keys)"),
        ({"permission": "log:read", "reasons": [{"text": "No grant gives log:read."}]}, "No. No grant gives log:read."),
        ({"rules": [{"id": "BR-1", "words": "One."}, {"id": "BR-2", "words": "Two."}]}, "No. BR-1: One. BR-2: Two."),
        (
            {
                "gross": "119.00",
                "left": [
                    {"category": "S", "rate": "19", "taxable_amount": "100.00"},
                    {"category": "Z", "rate": "0", "taxable_amount": "0.00"},
                ],
            },
            "No. Left: 119.00 in all; category S, 19 %: 100.00 before VAT; category Z, 0 %: 0.00 before VAT.",
        ),
        ({"deed": "forget", "command_hash": "4f"}, "No."),
        ({"blob": "x" * 201, "deep": {"a": {}}, "nothing": None}, "No."),
    ],
)
def test_what_was_refused_is_said_with_its_place(details: dict[str, object], said: str) -> None:
    assert described(PublicError(ErrorCode.DOCUMENT_INVALID, "No.", details)) == said


def test_a_number_inside_another_is_not_what_was_said() -> None:
    error = PublicError(ErrorCode.DOCUMENT_PENDING, "Not before 2026-11-20.", {"attempts": 2})
    assert described(error) == "Not before 2026-11-20. (attempts: 2)"


def test_what_the_sentence_says_is_not_said_again() -> None:
    error = PublicError(ErrorCode.MORE_THAN_OWED, "Only 19.00 is owed on this invoice.", {"owed": "19.00"})
    assert described(error) == "Only 19.00 is owed on this invoice."
