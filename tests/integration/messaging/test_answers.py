"""Answers go with their calls; where the broker does not take one, no call is lost, and none is answered for ever."""

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.messaging.sending import send
from shared.messaging.serializer import SealedBody
from tests.integration.messaging.asking import Asking
from tests.integration.messaging.broker import OwnBroker
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import PATIENCE, Processes, wait_until
from tests.stack import Database, waiting_for_advisory_lock

pytestmark = pytest.mark.integration


def test_an_answer_that_the_broker_refuses_is_said_once_and_takes_no_other_call_with_it(
    own_broker: OwnBroker, fragile_bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    own_broker.kill()
    own_broker.take_at_most(20_000)
    own_broker.start()
    service = processes.start("serve_invoices", fragile_bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    with invoices_database.connect_as_admin() as holder, fragile_bus.client() as client:
        holder.execute("SELECT pg_advisory_lock(1)")
        other = Asking(fragile_bus, "invoices", "wait_for_lock", {"number": 1})
        wait_until(lambda: waiting_for_advisory_lock(holder) == 1, "the other call inside the database")
        with pytest.raises(PublicError) as refused:
            client.call("invoices", "say", {"number": 20_000})
        assert refused.value.code is ErrorCode.ANSWER_TOO_LARGE
        assert client.call("invoices", "say", {"number": 3}) == {"text": "xxx"}
        holder.execute("SELECT pg_advisory_unlock(1)")
        other.join()
    assert other.answer == {"number": 1}
    assert len(service.logged("answer_refused_by_broker")) == 1
    assert service.logged("container_died") == []
    wait_until(lambda: own_broker.vhost.depth("rpc-invoices") == 0, "an empty queue")
    assert service.terminate() == 0


def test_while_the_broker_takes_nothing_answers_wait_and_calls_are_answered_afterwards(
    own_broker: OwnBroker, fragile_bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    service = processes.start("serve_invoices", fragile_bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    with invoices_database.connect_as_admin() as holder:
        asking = []
        for lock in (1, 2):
            holder.execute("SELECT pg_advisory_lock(%s)", (lock,))
            asking.append(Asking(fragile_bus, "invoices", "wait_for_lock", {"number": lock}))
        wait_until(lambda: waiting_for_advisory_lock(holder) == len(asking), "the calls inside the database")
        own_broker.raise_alarm()
        holder.execute("SELECT pg_advisory_unlock(1)")
        service.wait_for("broker_blocked")
        holder.execute("SELECT pg_advisory_unlock(2)")
        wait_until(lambda: waiting_for_advisory_lock(holder) == 0, "both carried out")
        assert [asked.answer for asked in asking] == [None, None]
        own_broker.end_alarm()
    for asked in asking:
        asked.join()
    assert [asked.answer for asked in asking] == [{"number": 1}, {"number": 2}]
    assert service.logged("broker_lost") == []
    assert service.terminate() == 0
    assert own_broker.vhost.depth("rpc-invoices") == 0


def test_nothing_is_sent_after_half_an_answer() -> None:
    here, there = socket.socketpair()
    with here, there:

        def send_half(*_: object) -> None:
            here.sendall(b"half")
            raise TimeoutError

        connection = SimpleNamespace(connected=True, sock=here)
        channel: Any = SimpleNamespace(connection=connection, send_method=send_half)
        with pytest.raises(TimeoutError):
            send(channel, SealedBody("reply", b"sealed"), routing_key="")
        there.settimeout(PATIENCE)
        assert (there.recv(100), there.recv(100)) == (b"half", b"")
        with pytest.raises(BrokenPipeError):
            here.sendall(b"what comes next")


def test_a_client_whose_broker_was_away_between_two_calls_makes_the_second_one(
    own_broker: OwnBroker, fragile_bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    service = processes.start("serve_invoices", fragile_bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    with fragile_bus.client() as client:
        assert client.call("invoices", "double", {"number": 1}) == {"number": 2}
        own_broker.kill()
        own_broker.start()
        service.wait_for("broker_unreachable")
        wait_until(lambda: own_broker.vhost.consumers("rpc-invoices") == 1, "the service hears calls again")
        assert client.call("invoices", "double", {"number": 2}) == {"number": 4}
    assert service.terminate() == 0


def test_a_client_who_loses_the_broker_while_it_waits_is_told_at_once(
    own_broker: OwnBroker, fragile_bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    service = processes.start("serve_invoices", fragile_bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    with invoices_database.connect_as_admin() as holder:
        holder.execute("SELECT pg_advisory_lock(1)")
        asking = Asking(fragile_bus, "invoices", "wait_for_lock", {"number": 1})
        wait_until(lambda: waiting_for_advisory_lock(holder) == 1, "the call inside the database")
        own_broker.kill()
        asking.join()
    assert isinstance(asking.answer, PublicError)
    assert asking.answer.code is ErrorCode.SERVICE_UNAVAILABLE
    assert "gave no answer: retry later" in asking.answer.message
