"""Who may have a customer forgotten: one person, or two where a retention period runs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.invoices.domain.approval import Approval
from services.invoices.domain.events import (
    Event,
    ShreddingApproved,
    ShreddingRejected,
    ShreddingRequested,
    ShreddingWithdrawn,
    SubjectShredded,
)
from services.invoices.domain.shredding import (
    Shredding,
    decide_approval,
    decide_end,
    decide_request,
    fold_shredding,
    require_not_shredded,
)
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of
from shared.kernel.clock import to_rfc3339
from tests.unit.invoices.samples import CUSTOMER_ID, draft

SUBJECT = f"customer-{CUSTOMER_ID}"
KEYS = ("019aa0e5-2222-7000-8000-00000000000a",)
ADA = Approval("ada", ("pwd", "otp"))
BOB = Approval("bob", ("pwd", "otp"))
UNTIL = date(2036, 12, 31)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EXPIRES = to_rfc3339(NOW + timedelta(days=7))
REQUEST = ShreddingRequested("r-1", CUSTOMER_ID, "erasure_request", None, ADA, EXPIRES)
OVERRIDE = replace(REQUEST, override="court_order")


def decided(request: ShreddingRequested, until: date | None = None, history: Sequence[Event] = ()) -> list[Event]:
    return decide_request(fold_shredding(history), request, subject=SUBJECT, keys=KEYS, retained_until=until)


def approved(history: Sequence[Event], by: Approval = BOB, request_id: str = "r-1", now: datetime = NOW) -> list[Event]:
    shredding = fold_shredding(history)
    agreed = ShreddingApproved(request_id, by, digest(shredding))
    return decide_approval(shredding, agreed, now, subject=SUBJECT, keys=KEYS)


def digest(shredding: Shredding) -> str:
    """What a second person computes over what is shown."""
    return "" if shredding.waiting is None else digest_of(shredding.waiting.shown)


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def test_one_person_is_enough_where_no_retention_period_runs() -> None:
    assert decided(REQUEST) == [REQUEST, SubjectShredded(SUBJECT, "erasure_request", None, (ADA,), KEYS)]


def test_a_running_retention_period_refuses_and_says_until_when() -> None:
    with refused_with(ErrorCode.RETENTION_RUNS) as refused:
        decided(REQUEST, UNTIL)
    assert refused.value.details == {"until": "2036-12-31"}


@pytest.mark.parametrize("until", [UNTIL, None])
def test_who_overrides_waits_for_a_second_person_whether_or_not_a_period_runs(until: date | None) -> None:
    assert decided(OVERRIDE, until) == [OVERRIDE]


def test_a_second_person_completes_it_and_both_are_named_with_their_factors() -> None:
    assert approved([OVERRIDE]) == [
        ShreddingApproved("r-1", BOB, digest(fold_shredding([OVERRIDE]))),
        SubjectShredded(SUBJECT, "erasure_request", "court_order", (ADA, BOB), KEYS),
    ]


def test_who_asked_does_not_approve() -> None:
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        approved([OVERRIDE], by=replace(ADA, factors=("pwd", "hwk")))


def test_a_request_waits_for_a_week_and_no_longer() -> None:
    assert approved([OVERRIDE], now=NOW + timedelta(days=7, seconds=-1))
    with refused_with(ErrorCode.APPROVAL_EXPIRED):
        approved([OVERRIDE], now=NOW + timedelta(days=7))


def test_what_was_carried_out_on_one_word_waits_for_nobody() -> None:
    assert fold_shredding([REQUEST]).waiting is None


def test_only_the_last_request_is_approved() -> None:
    newer = replace(OVERRIDE, request_id="r-2", requested_by=BOB)
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approved([OVERRIDE, newer])
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        approved([OVERRIDE, newer], request_id="r-2")
    assert approved([OVERRIDE, newer], by=ADA, request_id="r-2")


def test_what_nobody_asked_for_is_not_approved() -> None:
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approved([])


def test_what_is_shredded_stays_so_and_is_done_once() -> None:
    history = decided(REQUEST)
    with refused_with(ErrorCode.KEY_SHREDDED):
        decided(REQUEST, history=history)
    with refused_with(ErrorCode.KEY_SHREDDED):
        approved(history)
    with refused_with(ErrorCode.KEY_SHREDDED):
        require_not_shredded(fold_shredding([*history, *approved([OVERRIDE])]))


def test_a_request_alone_stops_nothing() -> None:
    require_not_shredded(fold_shredding([OVERRIDE]))
    assert fold_shredding([]) == Shredding()


def test_an_event_of_another_kind_is_no_part_of_it() -> None:
    with pytest.raises(ValueError, match="does not belong"):
        fold_shredding([draft()])


def test_who_asked_withdraws_and_others_reject() -> None:
    asked = fold_shredding([OVERRIDE])
    assert decide_end(asked, "r-1", ADA) == ShreddingWithdrawn("r-1", ADA)
    assert decide_end(asked, "r-1", BOB) == ShreddingRejected("r-1", BOB)


@pytest.mark.parametrize("ended", [ShreddingWithdrawn("r-1", ADA), ShreddingRejected("r-1", BOB)])
def test_what_was_ended_is_not_approved_and_may_be_asked_for_again(ended: Event) -> None:
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approved([OVERRIDE, ended])
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        decide_end(fold_shredding([OVERRIDE, ended]), "r-1", BOB)
    again = replace(OVERRIDE, request_id="r-2")
    assert approved([OVERRIDE, ended, again], request_id="r-2")


def test_nothing_is_ended_that_does_not_wait() -> None:
    for history in ([], [OVERRIDE]):
        with refused_with(ErrorCode.APPROVAL_UNKNOWN):
            decide_end(fold_shredding(history), "r-2", BOB)
    with refused_with(ErrorCode.KEY_SHREDDED):
        decide_end(fold_shredding([OVERRIDE, *approved([OVERRIDE])]), "r-1", BOB)
