"""Connections that the server has ended, as it does when it restarts, are not handed to anybody."""

import psycopg
import pytest

from shared.eventstore.postgres import PostgresEventStore
from tests.stack import Database

pytestmark = pytest.mark.integration


def end_all_connections(database: Database) -> None:
    with database.connect_as_admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"  # returns when the process is gone
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_the_first_call_after_the_server_ended_all_connections_succeeds(invoices: Database) -> None:
    pool = invoices.new_pool(max_size=4)
    held = [pool.getconn() for _ in range(4)]
    for connection in held:
        connection.execute("SELECT 1")
        pool.putconn(connection)
    end_all_connections(invoices)
    assert PostgresEventStore(pool).tenants() == []


def test_a_connection_that_ends_while_it_is_used_is_an_error_and_the_next_one_is_good(invoices: Database) -> None:
    pool = invoices.new_pool(max_size=2)
    with pool.connection() as connection:
        end_all_connections(invoices)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pool.connection() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
