from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.delivery import (
    DeliveryState,
    Outcome,
    Stage,
    TransitionRefused,
    abandoned,
    begin,
    conclude,
    has_waited_too_long,
    is_over,
    meaning,
    refuse,
    spare,
)


def test_a_mail_the_server_took_is_sent() -> None:
    assert meaning(Stage.CONTENT, 250) is Outcome.ACCEPTED
    assert conclude(DeliveryState.SENDING, Outcome.ACCEPTED) is DeliveryState.SENT


@pytest.mark.parametrize("stage", [Stage.SESSION, Stage.ENVELOPE])
def test_a_connection_lost_before_the_content_is_tried_again(stage: Stage) -> None:
    assert meaning(stage, None) is Outcome.REFUSED_FOR_NOW
    assert conclude(DeliveryState.SENDING, Outcome.REFUSED_FOR_NOW) is DeliveryState.PENDING


def test_a_connection_lost_after_data_began_is_unknown() -> None:
    assert meaning(Stage.CONTENT, None) is Outcome.LOST
    assert conclude(DeliveryState.SENDING, Outcome.LOST) is DeliveryState.UNKNOWN


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("reply", [421, 450, 451, 452])
def test_a_temporary_refusal_is_tried_again(stage: Stage, reply: int) -> None:
    assert meaning(stage, reply) is Outcome.REFUSED_FOR_NOW


@pytest.mark.parametrize("stage", [Stage.ENVELOPE, Stage.CONTENT])
@pytest.mark.parametrize("reply", [550, 552, 554])
def test_a_permanent_refusal_of_the_mail_is_final(stage: Stage, reply: int) -> None:
    assert meaning(stage, reply) is Outcome.REFUSED_FOR_GOOD
    assert conclude(DeliveryState.SENDING, Outcome.REFUSED_FOR_GOOD) is DeliveryState.FAILED


@pytest.mark.parametrize("reply", [530, 534, 535, 538])
@pytest.mark.parametrize("stage", list(Stage))
def test_wrong_credentials_of_ours_do_not_fail_the_customers_mail(stage: Stage, reply: int) -> None:
    assert meaning(stage, reply) is Outcome.REFUSED_FOR_NOW


def test_a_server_that_turns_everybody_away_does_not_fail_the_mail() -> None:
    assert meaning(Stage.SESSION, 554) is Outcome.REFUSED_FOR_NOW


@pytest.mark.parametrize("state", sorted(set(DeliveryState) - {DeliveryState.PENDING}))
def test_only_a_pending_delivery_is_sent(state: DeliveryState) -> None:
    with pytest.raises(TransitionRefused):
        begin(state)


@pytest.mark.parametrize("state", sorted(set(DeliveryState) - {DeliveryState.PENDING}))
def test_what_was_perhaps_sent_cannot_be_called_refused_unsent(state: DeliveryState) -> None:
    with pytest.raises(TransitionRefused):
        refuse(state)
    assert refuse(DeliveryState.PENDING) is DeliveryState.FAILED


@pytest.mark.parametrize("state", sorted(set(DeliveryState) - {DeliveryState.PENDING}))
def test_what_was_perhaps_sent_cannot_be_called_not_wanted(state: DeliveryState) -> None:
    with pytest.raises(TransitionRefused):
        spare(state)
    assert is_over(spare(DeliveryState.PENDING))


def test_a_mail_is_tried_for_five_days() -> None:
    start = datetime(2026, 11, 22, tzinfo=UTC)
    assert not has_waited_too_long(start, start + timedelta(days=4, hours=23))
    assert has_waited_too_long(start, start + timedelta(days=5, seconds=1))


def test_a_worker_that_vanished_while_sending_leaves_an_unknown_delivery() -> None:
    assert abandoned(DeliveryState.SENDING) is DeliveryState.UNKNOWN


@pytest.mark.parametrize("state", sorted(set(DeliveryState) - {DeliveryState.SENDING}))
def test_a_worker_that_vanished_changes_nothing_else(state: DeliveryState) -> None:
    assert abandoned(state) is state


@given(st.lists(st.tuples(st.sampled_from(Stage), st.none() | st.integers(0, 999)), max_size=30))
def test_whatever_servers_answer_a_mail_is_accepted_or_lost_at_most_once(
    attempts: list[tuple[Stage, int | None]],
) -> None:
    state, perhaps_delivered = DeliveryState.PENDING, 0
    for stage, reply in attempts:
        if is_over(state):
            with pytest.raises(TransitionRefused):
                begin(state)
            continue
        outcome = meaning(stage, reply)
        perhaps_delivered += outcome in {Outcome.ACCEPTED, Outcome.LOST}
        state = conclude(begin(state), outcome)
    assert perhaps_delivered <= 1
    assert (perhaps_delivered == 1) == (state in {DeliveryState.SENT, DeliveryState.UNKNOWN})


@given(st.sampled_from(Stage), st.none() | st.integers(0, 999))
def test_no_mail_counts_as_sent_before_its_content_was_accepted(stage: Stage, reply: int | None) -> None:
    if meaning(stage, reply) is Outcome.ACCEPTED:
        assert stage is Stage.CONTENT
        assert reply is not None
        assert str(reply).startswith("2")
