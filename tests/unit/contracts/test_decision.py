"""Who may do what: deny by default, and a condition that nobody can judge does not hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.conditions import (
    ALWAYS,
    OF_THE_CALL,
    STATES,
    AmountLimit,
    Condition,
    Conditions,
    GrantMalformed,
    Hours,
)
from shared.contracts.decision import Facts, Holder, ReasonCode, decide, scopes_of
from shared.contracts.grants import Grant, from_claims, plain, to_claims

ADA, BOB = "019aa0e5-0000-7000-8000-0000000000aa", "019aa0e5-0000-7000-8000-0000000000bb"
SUNDAY = datetime(2026, 11, 22, 9, tzinfo=UTC)
ISSUE = "invoice:issue"
WEEK = Hours((1, 2, 3, 4, 5), "08:00", "18:00", "Europe/Berlin")
KNOWN = Facts(now=SUNDAY, registered_by=ADA, amount=Decimal(100), currency="EUR", state="draft")


def holding(*conditions: Conditions, training_until: datetime | None = None) -> Holder:
    return Holder(ADA, tuple(Grant(ISSUE, each) for each in conditions), training_until)


def codes(holder: Holder, facts: Facts = KNOWN, deferred: frozenset[Condition] = frozenset()) -> list[ReasonCode]:
    return [reason.code for reason in decide(holder, ISSUE, facts, deferred).reasons]


limits = st.builds(AmountLimit, st.decimals(0, 10**9, places=2), st.sampled_from([None, "EUR", "USD"]))
spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] < span[1])
hours = st.builds(
    lambda days, span, zone: Hours(tuple(sorted(days)), _clock(span[0]), _clock(span[1]), zone),
    st.sets(st.integers(1, 7), min_size=1),
    spans,
    st.sampled_from(["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Asia/Kolkata"]),
)
conditions = st.builds(
    Conditions,
    own_customers=st.booleans(),
    amount_up_to=st.none() | limits,
    states=st.sets(st.sampled_from(STATES)).map(lambda states: tuple(sorted(states))),
    hours=st.none() | hours,
    training_current=st.booleans(),
)
moments = st.integers(0, 4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC))
facts = st.builds(
    Facts,
    now=st.none() | moments,
    registered_by=st.sampled_from([None, "", ADA, BOB]),
    amount=st.none() | st.decimals(0, 10**9, places=2),
    currency=st.sampled_from([None, "EUR", "USD"]),
    state=st.sampled_from([None, *STATES]),
)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(st.lists(st.builds(Grant, st.sampled_from([ISSUE, "invoice:read"]), conditions), max_size=5))
def test_grants_survive_the_journey_in_a_token(grants: list[Grant]) -> None:
    assert from_claims(to_claims(grants)) == tuple(grants)


@pytest.mark.parametrize(
    "claim",
    [
        None, "invoice:read", ["invoice:read"], [[]], [[""]], [[1]], [["invoice:read", None]],
        [["invoice:read", {}, {}]],
        [["a", {"unheard_of": True}]], [["a", {"own_customers": False}]], [["a", {"own_customers": 1}]],
        [["a", {"states": []}]], [["a", {"states": ["void"]}]], [["a", {"states": "draft"}]], [["a", {"states": [[]]}]],
        [["a", {"amount_up_to": {}}]], [["a", {"amount_up_to": {"amount": 1}}]],
        [["a", {"amount_up_to": {"amount": "-1"}}]], [["a", {"amount_up_to": {"amount": "1e9"}}]],
        [["a", {"amount_up_to": {"amount": "NaN"}}]], [["a", {"amount_up_to": {"amount": "1", "currency": "EURO"}}]],
        [["a", {"amount_up_to": {"amount": "1", "currency": ["EUR"]}}]],
        [["a", {"hours": {"days": [1], "from": "08:00", "to": "08:00", "zone": "UTC"}}]],
        [["a", {"hours": {"days": [0], "from": "08:00", "to": "09:00", "zone": "UTC"}}]],
        [["a", {"hours": {"days": [True], "from": "08:00", "to": "09:00", "zone": "UTC"}}]],
        [["a", {"hours": {"days": [], "from": "08:00", "to": "09:00", "zone": "UTC"}}]],
        [["a", {"hours": {"days": [1], "from": "8:00", "to": "09:00", "zone": "UTC"}}]],
        [["a", {"hours": {"days": [1], "from": "08:00", "to": "24:01", "zone": "UTC"}}]],
        [["a", {"hours": {"days": [1], "from": "08:00", "to": "09:00", "zone": "../../etc/passwd"}}]],
        [["a", {"hours": {"days": [1], "from": "08:00", "to": "09:00"}}]],
        [["a", {1: True}]],
    ],
)  # fmt: skip
def test_what_is_no_grant_is_refused_whole(claim: object) -> None:
    with pytest.raises(GrantMalformed):
        from_claims(claim)


def test_who_holds_no_grant_of_that_name_may_not() -> None:
    assert codes(Holder(ADA, plain(["invoice:read"]))) == [ReasonCode.NO_GRANT]
    assert codes(Holder(ADA, ())) == [ReasonCode.NO_GRANT]


def test_a_grant_without_conditions_counts_always() -> None:
    assert decide(holding(ALWAYS), ISSUE, Facts()).allowed


@pytest.mark.parametrize(
    ("condition", "changes", "code"),
    [
        (Conditions(own_customers=True), {"registered_by": BOB}, ReasonCode.NOT_OWN_CUSTOMER),
        (Conditions(own_customers=True), {"registered_by": ""}, ReasonCode.NOT_OWN_CUSTOMER),
        (Conditions(own_customers=True), {"registered_by": None}, ReasonCode.CONDITION_NOT_JUDGED),
        (Conditions(amount_up_to=AmountLimit(Decimal("99.99"), "EUR")), {}, ReasonCode.AMOUNT_ABOVE_LIMIT),
        (Conditions(amount_up_to=AmountLimit(Decimal("99.99"))), {"currency": "JPY"}, ReasonCode.AMOUNT_ABOVE_LIMIT),
        (
            Conditions(amount_up_to=AmountLimit(Decimal(100), "EUR")),
            {"currency": "JPY"},
            ReasonCode.CURRENCY_NOT_COVERED,
        ),
        (
            Conditions(amount_up_to=AmountLimit(Decimal(100), "EUR")),
            {"currency": None},
            ReasonCode.CONDITION_NOT_JUDGED,
        ),
        (Conditions(amount_up_to=AmountLimit(Decimal(100))), {"amount": None}, ReasonCode.CONDITION_NOT_JUDGED),
        (Conditions(states=("issued",)), {}, ReasonCode.STATE_NOT_COVERED),
        (Conditions(states=("issued",)), {"state": None}, ReasonCode.CONDITION_NOT_JUDGED),
        (Conditions(hours=WEEK), {}, ReasonCode.OUTSIDE_HOURS),
        (Conditions(hours=WEEK), {"now": None}, ReasonCode.CONDITION_NOT_JUDGED),
        (Conditions(training_current=True), {}, ReasonCode.TRAINING_NOT_CURRENT),
        (Conditions(training_current=True), {"now": None}, ReasonCode.CONDITION_NOT_JUDGED),
    ],
)
def test_a_condition_that_does_not_hold_refuses_and_says_why(
    condition: Conditions, changes: dict[str, object], code: ReasonCode
) -> None:
    assert codes(holding(condition), replace(KNOWN, **changes)) == [code]  # type: ignore[arg-type]  # as parametrized


def test_an_amount_is_covered_up_to_the_limit_itself() -> None:
    assert decide(holding(Conditions(amount_up_to=AmountLimit(Decimal("100.00"), "EUR"))), ISSUE, KNOWN).allowed


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        (datetime(2026, 7, 1, 5, 59, 59, tzinfo=UTC), False),  # a Wednesday in summer: Berlin is two hours ahead
        (datetime(2026, 7, 1, 6, 0, tzinfo=UTC), True),
        (datetime(2026, 7, 1, 15, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 1, 16, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 25, 6, 59, 59, tzinfo=UTC), False),  # in winter one hour
        (datetime(2026, 11, 25, 7, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), False),  # a Saturday
    ],
)
def test_hours_are_those_of_the_zone_in_summer_and_winter(moment: datetime, *, within: bool) -> None:
    assert WEEK.hold(moment) is within


def test_a_zone_that_the_machine_does_not_know_closes() -> None:
    assert not Hours((1, 2, 3, 4, 5, 6, 7), "00:00", "24:00", "Atlantis/Capital").hold(SUNDAY)


def test_a_day_may_last_to_its_end() -> None:
    whole = Hours((7,), "00:00", "24:00", "UTC")
    assert whole.hold(datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC))


def test_training_ends_at_its_moment() -> None:
    trained = holding(Conditions(training_current=True), training_until=SUNDAY)
    assert decide(trained, ISSUE, KNOWN.at(SUNDAY - timedelta(microseconds=1))).allowed
    assert codes(trained) == [ReasonCode.TRAINING_NOT_CURRENT]


def test_one_grant_that_holds_is_enough_and_conditions_of_two_do_not_mix() -> None:
    own, small = Conditions(own_customers=True), Conditions(amount_up_to=AmountLimit(Decimal(50)))
    assert decide(holding(own, small), ISSUE, KNOWN).allowed
    dear_and_foreign = replace(KNOWN, registered_by=BOB)
    assert codes(holding(own, small), dear_and_foreign) == [
        ReasonCode.NOT_OWN_CUSTOMER, ReasonCode.AMOUNT_ABOVE_LIMIT,
    ]  # fmt: skip


@given(st.lists(conditions, max_size=4), facts, conditions)
def test_one_more_grant_never_takes_anything_away(held: list[Conditions], known: Facts, more: Conditions) -> None:
    if decide(holding(*held), ISSUE, known).allowed:
        assert decide(holding(*held, more), ISSUE, known).allowed


@given(conditions, facts, st.sampled_from(["own_customers", "amount_up_to", "states", "hours", "training_current"]))
def test_leaving_a_condition_out_never_takes_anything_away(held: Conditions, known: Facts, left_out: str) -> None:
    if decide(holding(held), ISSUE, known).allowed:
        looser = replace(held, **{left_out: getattr(ALWAYS, left_out)})
        assert decide(holding(looser), ISSUE, known).allowed


@given(conditions, facts)
def test_knowing_less_never_allows_more(held: Conditions, known: Facts) -> None:
    if not decide(holding(held), ISSUE, known).allowed:
        assert decide(holding(held), ISSUE, Facts()).allowed is False


@given(st.lists(conditions, max_size=4), facts)
def test_what_is_refused_at_the_door_would_be_refused_inside(held: list[Conditions], known: Facts) -> None:
    judges = frozenset(Condition) - OF_THE_CALL
    if not decide(holding(*held), ISSUE, Facts(now=known.now), judges).allowed:
        assert not decide(holding(*held), ISSUE, known).allowed


@given(st.lists(conditions, max_size=4), facts)
def test_a_search_shows_what_a_decision_would_allow_and_no_more(held: list[Conditions], known: Facts) -> None:
    searched = frozenset({Condition.OWN_CUSTOMERS, Condition.STATES})
    row = Facts(now=known.now, registered_by=known.registered_by or "", state=known.state or "draft")
    scopes = scopes_of(holding(*held), ISSUE, Facts(now=known.now), searched)
    shown = any(
        (not scope.own_customers or row.registered_by == scopes.holder_id)
        and (not scope.states or row.state in scope.states)
        for scope in scopes.alternatives
    )
    assert shown is decide(holding(*held), ISSUE, row).allowed


def test_what_costs_nothing_is_within_every_limit_and_an_unknown_amount_within_none() -> None:
    holder = Holder(ADA, (Grant("invoice:draft", Conditions(amount_up_to=AmountLimit(Decimal(100), "EUR"))),))
    assert decide(holder, "invoice:draft", Facts(amount=Decimal("0.00"))).allowed
    assert not decide(holder, "invoice:draft", Facts(amount=Decimal("0.01"))).allowed
    assert not decide(holder, "invoice:draft", Facts(currency="EUR")).allowed
