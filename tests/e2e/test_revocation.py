"""What is taken away is taken away everywhere: in services that never talked to the one who took it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from deploy.demo.people import Person
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.e2e.conftest import System, send
from tests.integration.messaging.processes import wait_until

pytestmark = pytest.mark.integration

ASKED: dict[str, Callable[[Person, str], object]] = {
    "auth": lambda person, token: person.client.call("auth", "whoami", {}, token=token),
    "invoices": lambda person, token: person.client.call("invoices", "list_invoices", {}, token=token),
    "notifier": lambda person, token: person.client.call("notifier", "deliveries", {}, token=token),
    "backup": lambda person, token: person.client.call("backup", "cosign", {"log": "auth"}, token=token),
}


def verdict(person: Person, service: str, token: str) -> ErrorCode | None:
    try:
        ASKED[service](person, token)
    except PublicError as refused:
        return refused.code
    return None


def accepted(person: Person, service: str, token: str) -> None:
    wait_until(lambda: verdict(person, service, token) is None, f"{service} accepts the token")


def refused(person: Person, service: str, token: str, code: ErrorCode = ErrorCode.TOKEN_REVOKED) -> None:
    wait_until(lambda: verdict(person, service, token) is code, f"{service} says {code}")


def token_of(person: Person) -> str:
    return str(person.session["token"])


def test_the_token_of_a_session_that_ended_is_refused_by_every_service_also_after_they_were_killed(
    another: System,
) -> None:
    owner, token = another.owner, token_of(another.owner)
    for service in ASKED:
        accepted(owner, service, token)
    owner.client.call("auth", "end_session", {}, token=token, idempotency_key=new_id())
    for service in ASKED:
        refused(owner, service, token)
    for killed in (["invoices"], ["auth"], [*ASKED]):
        for service in killed:
            send(another, service, signal.SIGKILL)
        for service in ASKED:
            refused(owner, service, token)


def test_a_copied_refresh_token_ends_the_session_everywhere(another: System) -> None:
    owner, first = another.owner, str(another.owner.session["refresh_token"])
    renewed = owner.client.call("auth", "refresh_session", {"refresh_token": first})
    for service in ASKED:
        accepted(owner, service, str(renewed["token"]))
    for token in (first, str(renewed["refresh_token"])):
        with pytest.raises(PublicError) as refusal:
            owner.client.call("auth", "refresh_session", {"refresh_token": token})
        assert refusal.value.code is ErrorCode.REFRESH_INVALID
    for service in ASKED:
        refused(owner, service, str(renewed["token"]))


def test_a_person_is_let_in_again_at_once_after_all_their_sessions_were_ended(another: System) -> None:
    owner = another.owner
    anna = owner.invite("auditor", "Anna", "anna@proof.example")
    anna.log_in()
    user_id = anna.call("auth", "whoami", {})["user_id"]
    before = token_of(anna)
    owner.command("auth", "end_sessions_of", {"user_id": user_id})
    for service in ASKED:
        refused(anna, service, before)
    anna.log_in()
    for service in ASKED:
        accepted(anna, service, token_of(anna))
        assert verdict(anna, service, before) is ErrorCode.TOKEN_REVOKED


@contextmanager
def silent(system: System, service: str) -> Iterator[None]:
    """Stop a service where it stands, as a machine that hangs does; it goes on afterwards."""
    send(system, service, signal.SIGSTOP)
    try:
        yield
    finally:
        send(system, service, signal.SIGCONT)


def test_who_does_not_hear_from_auth_refuses_everybody_until_it_does(another: System) -> None:
    owner, token = another.owner, token_of(another.owner)
    with silent(another, "auth"):
        for service in ("invoices", "notifier"):
            refused(owner, service, token, ErrorCode.SERVICE_UNAVAILABLE)
    for service in ASKED:
        accepted(owner, service, token)
