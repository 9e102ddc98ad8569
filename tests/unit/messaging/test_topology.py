import re

import pytest

from shared.messaging.topology import (
    all_event_ends,
    broker_permissions,
    call_permissions,
    dead_letter_exchange,
    dead_letter_queue,
    event_exchange,
    event_queue,
    exchanges,
    is_others_exchange,
)

SERVICES = ("auth", "invoices", "notifier", "backup")


def may(user: str, right: int, name: str) -> bool:
    return re.search(broker_permissions(user)[right], name) is not None


CONFIGURE, WRITE, READ = range(3)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_makes_fills_and_reads_its_own(service: str) -> None:
    own = [
        f"rpc-{service}",
        f"rpc.reply-{service}-123",
        event_exchange(service),
        dead_letter_exchange(service),
        dead_letter_queue(service),
        event_queue("invoices", "InvoiceIssued", service, "on"),
    ]
    assert all(may(service, right, name) for right in (CONFIGURE, WRITE, READ) for name in own)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("other", SERVICES)
def test_no_service_touches_the_queues_or_speaks_in_the_name_of_another(service: str, other: str) -> None:
    if service == other:
        return
    foreign = [
        f"rpc-{other}",
        f"rpc.reply-{other}-123",
        dead_letter_exchange(other),
        dead_letter_queue(other),
        event_queue("invoices", "InvoiceIssued", other, "on"),
        event_queue("invoices", f"X--{service}.y", other, "on"),
    ]
    assert not any(may(service, right, name) for right in (CONFIGURE, WRITE, READ) for name in foreign)
    assert not may(service, WRITE, event_exchange(other))


@pytest.mark.parametrize("user", [*SERVICES, "client"])
def test_nobody_makes_or_deletes_an_exchange_of_others(user: str) -> None:
    for exchange in exchanges():
        assert may(user, CONFIGURE, exchange) == (exchange == event_exchange(user))


def test_every_exchange_that_somebody_only_looks_for_is_made_at_deployment() -> None:
    looked_for = {event_exchange(source) for source, _ in all_event_ends()}
    assert looked_for | {"nameko-rpc"} == set(exchanges())
    assert is_others_exchange("nameko-rpc", "auth")
    assert is_others_exchange("invoices.events", "auth")
    assert not is_others_exchange("auth.events", "auth")


def test_only_a_declared_subscriber_reads_events() -> None:
    assert may("notifier", READ, event_exchange("invoices"))
    assert not may("backup", READ, event_exchange("invoices"))


def test_the_client_calls_and_hears_its_answers_and_nothing_else() -> None:
    assert may("client", WRITE, "nameko-rpc")
    assert may("client", CONFIGURE, "rpc.reply-standalone_rpc_proxy-1")
    for name in ("rpc-auth", "rpc.reply-auth-1", "invoices.events", "dead-notifier", ""):
        assert not any(may("client", right, name) for right in (CONFIGURE, WRITE, READ))


@pytest.mark.parametrize("user", [*SERVICES, "client"])
def test_nobody_may_use_the_default_exchange_or_names_that_only_begin_alike(user: str) -> None:
    for name in ("amq.default", "", "nameko-rpc2", "xnameko-rpc", "amq.topic"):
        assert not any(may(user, right, name) for right in (CONFIGURE, WRITE, READ))


@pytest.mark.parametrize("user", [*SERVICES, "client"])
def test_nobody_overhears_calls_that_are_not_to_them(user: str) -> None:
    _, read = call_permissions(user)
    for key in ("#", "*", "*.*", "auth.revocations", "#.#", *(f"{other}.*" for other in SERVICES if other != user)):
        assert re.search(read, key) is None
    assert re.search(read, "01234567-89ab-4cde-8f01-23456789abcd")


def test_a_client_calls_services_and_answers_nobody() -> None:
    write, _ = call_permissions("client")
    assert re.search(write, "invoices.issue_invoice")
    for key in ("01234567-89ab-4cde-8f01-23456789abcd", "nobody.call", "invoices.issue.more", "xinvoices.call"):
        assert re.search(write, key) is None
    assert not may("client", CONFIGURE, "nameko-rpc")
