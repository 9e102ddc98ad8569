"""Connections of a service: those that the server has ended, as it does when it restarts, are handed to nobody."""

from contextlib import closing

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from shared.eventstore.pool import open_pool
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


def test_nothing_is_compiled_for_a_statement_and_the_settings_of_an_address_stay(invoices: Database) -> None:
    address = make_conninfo(invoices.url, options="-c statement_timeout=4321")
    with closing(open_pool(address, invoices.password)) as pool, pool.connection() as connection:
        assert connection.execute("SHOW jit").fetchone() == ("off",)
        assert connection.execute("SHOW statement_timeout").fetchone() == ("4321ms",)
