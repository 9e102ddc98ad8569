import json
from dataclasses import fields
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.codec import EVENT_SCHEMAS, decode, encode
from services.auth.domain.events import AuthEvent
from services.auth.domain.roles import Role
from shared.contracts import roles as contract
from shared.eventstore.model import NewEvent, RecordedEvent

EVENTS = get_args(AuthEvent)


def recorded(event: NewEvent) -> RecordedEvent:
    """The event as it comes back: its payload went through JSON."""
    return RecordedEvent(
        tenant="t",
        position=0,
        stream=event.stream,
        version=1,
        id="i",
        type=event.type,
        schema=event.schema,
        at="",
        key="",
        payload=json.loads(json.dumps(event.payload)),
        digest=event.digest,
        by=None,
    )


def test_every_event_has_a_schema() -> None:
    assert {event.__name__ for event in EVENTS} == set(EVENT_SCHEMAS)


@given(st.one_of(*(st.builds(event) for event in EVENTS)))
def test_an_event_comes_back_as_it_was_written(event: AuthEvent) -> None:
    written = encode("user-1", "user-1", event)
    assert decode(recorded(written)) == event


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_events_hold_strings_and_integers_only(event: type) -> None:
    assert {field.type for field in fields(event)} <= {str, int}


def test_the_contract_knows_the_roles_of_the_domain() -> None:
    assert set(contract.BUILT_IN_ROLES) == {role.value for role in Role}
