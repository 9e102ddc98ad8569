"""Connections to a service's own database."""

from psycopg import Connection, conninfo
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[Connection]

_OPTIONS = "-c jit=off"
"""No statement of a service is long enough to be worth compiling. Left on, the planner's guess at how many rows a list
of scopes has makes it compile each look of a thousand rows anew: 300 ms for 9 (PostgreSQL: "When to JIT?")."""


def open_pool(url: str, password: str | None = None, *, min_size: int = 1, max_size: int = 10) -> Pool:
    """Return an open pool; it connects in the background, so the database may start later.

    Connections are in autocommit mode: one statement is one round trip and one transaction (an append is exactly
    that). Whoever needs several statements in one transaction says so with `connection.transaction()`.
    `max_size` must be at least 2: a projection holds one connection while it asks the keyring on another.
    """
    if max_size < 2:  # noqa: PLR2004 - explained above
        raise ValueError("a pool needs at least two connections")
    given = conninfo.conninfo_to_dict(url)
    options = f"{given.get('options') or ''} {_OPTIONS}".strip()
    return ConnectionPool(
        conninfo.make_conninfo(url, options=options, **({} if password is None else {"password": password})),
        kwargs={"autocommit": True},
        min_size=min_size,
        max_size=max_size,
        check=_refuse_ended,
        open=True,
        name="eventstore",
    )


def _refuse_ended(connection: Connection) -> None:
    """Raise OperationalError when the server has ended the connection, as after its restart: the pool takes another.

    No round trip: what the server said last and the end of the stream are in the socket already. The first look takes
    the message from it, the second one finds the end.
    """
    connection.pgconn.consume_input()
    connection.pgconn.consume_input()
