"""A worker outlives the broker, waits for what is not there yet, and stops without dropping a call."""

import time
from collections.abc import Callable

import psycopg
import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.messaging.client import RpcClient
from tests.integration.messaging.asking import Asking
from tests.integration.messaging.broker import OwnBroker
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import Processes, wait_until
from tests.stack import Database, Databases, waiting_for_advisory_lock

pytestmark = pytest.mark.integration


def answers(bus: Bus) -> Callable[[], bool]:
    """Return a function that tells whether the service answers now; only its absence counts as no."""

    def ask() -> bool:
        with bus.client(timeout=5) as client:
            try:
                return client.call("invoices", "double", {"number": 4}) == {"number": 8}
            except PublicError as refused:
                if refused.code != ErrorCode.SERVICE_UNAVAILABLE:
                    raise
                return False

    return ask


def test_a_killed_broker_comes_back_and_the_worker_with_it_and_another_stops_meanwhile(
    own_broker: OwnBroker, fragile_bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    environment = fragile_bus.environment("invoices", invoices_database)
    staying, leaving = processes.start("serve_invoices", environment), processes.start("serve_invoices", environment)
    staying.wait_for("serving")
    leaving.wait_for("serving")
    assert answers(fragile_bus)()
    own_broker.kill()
    staying.wait_for("broker_unreachable", times=3)
    leaving.wait_for("broker_unreachable")
    assert leaving.terminate() == 0
    own_broker.start()
    wait_until(answers(fragile_bus), "an answer after the broker came back")
    assert staying.logged("container_died") == []
    assert staying.terminate() == 0


def test_a_call_in_flight_when_the_broker_dies_does_not_end_the_worker(
    own_broker: OwnBroker, fragile_bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    service = processes.start("serve_invoices", fragile_bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    with invoices_database.connect_as_admin() as holder:
        holder.execute("SELECT pg_advisory_lock(1)")
        asking = Asking(fragile_bus, "invoices", "wait_for_lock", {"number": 1})
        wait_until(lambda: waiting_for_advisory_lock(holder) == 1, "the call inside the database")
        own_broker.kill()
        holder.execute("SELECT pg_advisory_unlock(1)")
    service.wait_for("answer_not_sent")
    own_broker.start()
    asking.join()
    wait_until(answers(fragile_bus), "an answer after the broker came back")
    assert service.logged("container_died") == []
    # The broker handed the call out again, it was answered this time, and nothing is left of it.
    wait_until(lambda: own_broker.vhost.depth("rpc-invoices") == 0, "an empty queue")
    assert service.terminate() == 0


def test_a_worker_that_was_there_before_its_broker_waits_for_it_or_stops_when_told(
    own_broker: OwnBroker, fragile_bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    own_broker.kill()
    environment = fragile_bus.environment("invoices", invoices_database)
    staying, leaving = processes.start("serve_invoices", environment), processes.start("serve_invoices", environment)
    staying.wait_for("waiting")
    leaving.wait_for("waiting")
    assert {line["for_"] for line in staying.logged("waiting")} == {"broker"}
    assert leaving.terminate() == 0
    own_broker.start()
    wait_until(answers(fragile_bus), "an answer")
    assert staying.terminate() == 0


def test_a_worker_that_was_there_before_its_database_waits_for_it(
    bus: Bus, processes: Processes, databases: Databases
) -> None:
    database = databases.create("invoices")
    databases.drop(database)
    service = processes.start("serve_invoices", bus.environment("invoices", database))
    service.wait_for("waiting")
    assert {line["for_"] for line in service.logged("waiting")} == {"database"}
    returned = databases.create("invoices")
    with psycopg.connect(returned.admin_dsn, dbname="postgres", autocommit=True) as maintenance:
        maintenance.execute(f"ALTER DATABASE {returned.name} RENAME TO {database.name}")
    try:
        wait_until(answers(bus), "an answer")
        assert service.terminate() == 0
    finally:
        databases.drop(database)


def test_a_stop_lets_calls_in_flight_finish_and_hands_none_out_again(
    bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    service = processes.start("serve_invoices", bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    with invoices_database.connect_as_admin() as holder:
        holder.execute("SELECT pg_advisory_lock(1)")
        asking = Asking(bus, "invoices", "wait_for_lock", {"number": 1})
        wait_until(lambda: waiting_for_advisory_lock(holder) == 1, "the call inside the database")
        service.process.terminate()
        wait_until(lambda: bus.vhost.consumers("rpc-invoices") == 0, "no more calls are taken")
        # A worker that forgot its calls would hang up within a second; one that keeps them is not affected.
        time.sleep(2)
        holder.execute("SELECT pg_advisory_unlock(1)")
    asking.join()
    assert asking.answer == {"number": 1}
    assert service.process.wait(60) == 0
    assert bus.vhost.depth("rpc-invoices") == 0


def test_a_container_that_dies_is_replaced_and_the_call_it_had_is_answered(
    bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    service = processes.start("serve_invoices", bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    asking = Asking(bus, "invoices", "die", {"number": 1})
    service.wait_for("container_died")
    service.wait_for("serving", times=2)
    asking.join()
    assert asking.answer == {"number": 1}
    with bus.client() as client:
        assert client.call("invoices", "health") == {"service": "invoices", "database": True, "halted": []}
    assert service.terminate() == 0


def test_a_database_that_went_away_is_said_and_comes_back(
    bus: Bus, processes: Processes, invoices_database: Database
) -> None:
    service = processes.start("serve_invoices", bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    with invoices_database.connect_as_admin() as admin, bus.client() as client:
        assert health(client)
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        wait_until(lambda: health(client), "the database is back")
    assert service.terminate() == 0


def health(client: RpcClient) -> bool:
    return bool(client.call("invoices", "health")["database"])


def test_a_missing_setting_is_one_sentence_and_exit_code_2(bus: Bus, processes: Processes) -> None:
    service = processes.start("serve_invoices", {"TALLYSTICK_AMQP_URL": bus.vhost.url("invoices")})
    assert service.process.wait(60) == 2
    assert service.text() == "The setting TALLYSTICK_AMQP_PASSWORD_FILE is missing.\n"
