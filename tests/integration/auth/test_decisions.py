"""Decisions of services in the tenant's log: each once, sealed for the person, in the name of who decided."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.auth import handlers
from services.auth.history import decision_stream, user_stream
from shared.contracts.decisions import KeptDecision
from shared.eventstore.model import Author, RecordedEvent
from shared.kernel.ids import new_id
from tests.integration.auth.business import Person

pytestmark = pytest.mark.integration


def denial(actor: str, **changes: object) -> KeptDecision:
    decision = KeptDecision(
        id=new_id(),
        minute="2026-11-22T12:00:00.000000Z",
        actor_kind="person",
        actor=actor,
        session="s",
        factors="pwd otp",
        method="issue_invoice",
        permission="invoice:issue",
        outcome="denied",
        reasons="amount_above_limit",
        count=3,
    )
    return replace(decision, **changes)  # type: ignore[arg-type]  # fields of the decision


def in_log(person: Person, decision: KeptDecision) -> list[RecordedEvent]:
    return person.auth.ports.log.load(person.tenant, decision_stream(decision.id))


def record(person: Person, *decisions: KeptDecision, tenant: str | None = None) -> int:
    return handlers.record_decisions(
        person.auth.process(), decisions, tenant=tenant or person.tenant, service="invoices"
    )


def test_a_denial_is_in_the_log_as_the_deed_of_whoever_was_denied(ada: Person) -> None:
    decision = denial(ada.user_id)
    assert record(ada, decision) == 1
    (event,) = in_log(ada, decision)
    assert (event.type, event.by) == ("AccessDenied", Author("person", ada.user_id, ("pwd", "otp"), "s"))
    assert event.payload == {
        "method": "invoices.issue_invoice",
        "permission": "invoice:issue",
        "reasons": "amount_above_limit",
        "minute": "2026-11-22T12:00:00.000000Z",
        "count": 3,
    }


def test_a_sensitive_grant_is_in_the_log(ada: Person) -> None:
    decision = denial(ada.user_id, outcome="granted", method="export_keys", reasons="granted")
    record(ada, decision)
    assert [event.type for event in in_log(ada, decision)] == ["SensitiveAccessGranted"]


def test_what_is_told_again_is_written_once(ada: Person) -> None:
    first, second = denial(ada.user_id), denial(ada.user_id)
    assert record(ada, first) == 1
    assert record(ada, first, second) == 1
    assert record(ada, first, second) == 0


def test_what_is_told_twice_at_once_is_written_once(ada: Person) -> None:
    decision = denial(ada.user_id)
    with ThreadPoolExecutor(4) as together:
        recorded = list(together.map(lambda _: record(ada, decision), range(4)))
    assert sum(recorded) == 1
    assert len(in_log(ada, decision)) == 1


def test_a_business_that_is_not_here_has_no_log(ada: Person) -> None:
    nowhere = new_id()
    assert record(ada, denial(ada.user_id), tenant=nowhere) == 0
    assert ada.auth.ports.log.head(nowhere).size == 0


def test_what_somebody_was_denied_is_forgotten_with_them(ada: Person) -> None:
    before, after = denial(ada.user_id), denial(ada.user_id)
    record(ada, before)
    ada.auth.ports.keyring.shred(ada.tenant, user_stream(ada.user_id))
    event = next(each for each in ada.auth.ports.log.read(ada.tenant) if each.stream == decision_stream(before.id))
    assert event.shredded
    assert record(ada, after) == 0


@pytest.mark.parametrize("kind", ["person", "service"])
def test_whoever_is_nobody_here_is_written_down_for_the_business(ada: Person, kind: str) -> None:
    decision = denial("notifier" if kind == "service" else new_id(), actor_kind=kind)
    assert record(ada, decision) == 1
    assert len(in_log(ada, decision)) == 1
