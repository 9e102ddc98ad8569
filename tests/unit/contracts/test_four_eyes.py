"""The one rule of four eyes: another person, in time, who agrees to what is there."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import Approvable, digest_of, require_requested

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHOWN = {"kind": "bank_account_change", "new_iban": "GB33BUKB20201555555555"}
WAITING = Approvable("r-1", "ada", NOW + timedelta(days=7), SHOWN)
_TEXTS = st.dictionaries(st.text(), st.text())


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def test_another_person_who_saw_it_agrees_in_time() -> None:
    WAITING.require_second_person(digest_of(SHOWN), "bob", NOW)


def test_who_asked_is_told_that_first_whatever_else_is_wrong() -> None:
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        WAITING.require_second_person("0" * 64, "ada", NOW + timedelta(days=8))


def test_what_waits_under_another_id_or_not_at_all_is_unknown() -> None:
    assert require_requested(WAITING, "r-1") is WAITING
    for waiting, request_id in ((WAITING, "r-2"), (None, "r-1")):
        with refused_with(ErrorCode.APPROVAL_UNKNOWN):
            require_requested(waiting, request_id)


@given(_TEXTS, _TEXTS)
def test_two_things_that_are_shown_have_one_digest_only_when_they_are_the_same(
    one: Mapping[str, str], other: Mapping[str, str]
) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)


@given(_TEXTS)
def test_the_order_in_which_it_is_shown_does_not_matter(shown: dict[str, str]) -> None:
    assert digest_of(dict(reversed(shown.items()))) == digest_of(shown)


@given(_TEXTS)
def test_nothing_but_what_is_there_is_agreed_to(shown: Mapping[str, str]) -> None:
    waiting = Approvable("r-1", "ada", NOW + timedelta(days=7), {**shown, "request_id": "r-1"})
    with refused_with(ErrorCode.APPROVAL_DIFFERS):
        waiting.require_second_person(digest_of({**shown, "request_id": "r-2"}), "bob", NOW)
