"""The private servers of `make test`, and throw-away databases on its PostgreSQL."""

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

from deploy.postgres import bootstrap, shapes
from shared.eventstore.pool import Pool, open_pool
from shared.eventstore.wakeups import Wakeups

VARIABLE = "TALLYSTICK_TEST_STACK"
_LOCK = 7_204_165_302


@dataclass(frozen=True)
class RabbitServer:
    """The private RabbitMQ: `users` maps a user to its password."""

    host: str
    port: int
    vhosts: list[str]
    users: Mapping[str, str]


@dataclass(frozen=True)
class Stack:
    """Where the private servers are."""

    admin_dsn: str
    postgres_host: str
    postgres_port: int
    rabbitmq: RabbitServer

    @classmethod
    def from_environment(cls) -> "Stack":
        """Read the file that the environment names; skip the test when there is none."""
        path = os.environ.get(VARIABLE)
        if not path:
            pytest.skip("run make test")
        described = json.loads(Path(path).read_text("utf-8"))
        postgres = described["postgres"]
        return cls(postgres["admin_dsn"], postgres["host"], postgres["port"], RabbitServer(**described["rabbitmq"]))


@dataclass
class Database:
    """One throw-away database of one service."""

    name: str
    service: str
    url: str
    """Connects as the service's role; without the password, as a service is configured."""
    password: str
    backup_reader_url: str
    backup_reader_password: str
    admin_dsn: str
    """Connects to this database as the superuser."""
    _pools: list[Pool] = field(default_factory=list)
    _wakeups: Wakeups | None = None

    def wakeups(self) -> Wakeups:
        """Listen to this database as a service process does; it is closed with the database."""
        if self._wakeups is None:
            self._wakeups = Wakeups.beside(self.pool())
        return self._wakeups

    def live_copy(self, projection: str) -> str:
        """Name the schema in which the projection's live tables are."""
        with self.connect_as_admin() as admin:
            row = admin.execute("SELECT live FROM read.projections WHERE projection = %s", (projection,)).fetchone()
        return "read_a" if row is None else str(row[0])

    def pool(self, max_size: int = 4) -> Pool:
        """Return a pool as the service's role; it is closed with the database.

        One for each size: a database that many tests share would otherwise use up the server's connections.
        """
        for pool in self._pools:
            if pool.max_size == max_size and not pool.closed:
                return pool
        return self.new_pool(max_size)

    def new_pool(self, max_size: int = 4) -> Pool:
        """Open a pool of the caller's own; it is closed with the database."""
        pool = open_pool(self.url, self.password, max_size=max_size)
        self._pools.append(pool)
        return pool

    def connect(self) -> psycopg.Connection:
        """Connect as the service's role."""
        return psycopg.connect(self.url, password=self.password, autocommit=True)

    def connect_as_admin(self) -> psycopg.Connection:
        """Connect as the superuser."""
        return psycopg.connect(self.admin_dsn, autocommit=True)

    def connect_as_owner(self) -> psycopg.Connection:
        """Connect with the owner's rights; the owner role itself cannot log in."""
        connection = self.connect_as_admin()
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(bootstrap.owner_role(self.service))))
        return connection

    def connect_as_backup_reader(self) -> psycopg.Connection:
        """Connect as the role that reads for backups."""
        return psycopg.connect(self.backup_reader_url, password=self.backup_reader_password, autocommit=True)

    def close(self) -> None:
        """Close the pools."""
        if self._wakeups is not None:
            self._wakeups.close()
        for pool in self._pools:
            pool.close()


class Databases:
    """Makes and drops throw-away databases: copies of one bootstrapped template per service."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._templates: dict[str, str] = {}
        self._admin = psycopg.connect(stack.admin_dsn, autocommit=True)

    def create(self, service: str) -> Database:
        """Make a database as bootstrap makes it, empty."""
        name = f"test_{service}_{uuid.uuid4().hex}"
        if service not in self._templates:
            self._templates[service] = self._template(service)
        bootstrap.create_database(self._admin, service, name, self._templates[service])
        return Database(
            name=name,
            service=service,
            url=self._url(name, bootstrap.service_role(service)),
            password=password_of(service),
            backup_reader_url=self._url(name, bootstrap.BACKUP_READER),
            backup_reader_password=password_of("backup-reader"),
            admin_dsn=conninfo.make_conninfo(self._stack.admin_dsn, dbname=name),
        )

    def drop(self, database: Database) -> None:
        """Close its pools and drop it, whoever is still connected."""
        database.close()
        self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database.name)))

    def close(self) -> None:
        """Close the connection that makes databases."""
        self._admin.close()

    def _template(self, service: str) -> str:
        """Make the service's template unless another process of this run did; its name tells its content."""
        sources = [script.path for script in bootstrap.scripts_for(service) + bootstrap.read_models_of(service)]
        sources += [Path(bootstrap.__file__), Path(shapes.__file__)]
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
        name, unfinished = f"template_{service}_{digest}", f"unfinished_{service}_{digest}"
        self._admin.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        try:
            if self._admin.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                bootstrap.bootstrap(self._stack.admin_dsn, [service], password_of, lambda _: unfinished)
                self._admin.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
                )
        finally:
            self._admin.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
        return name

    def _url(self, database: str, role: str) -> str:
        return f"postgresql://{role}@{self._stack.postgres_host}:{self._stack.postgres_port}/{database}"


def waiting_for_advisory_lock(admin: psycopg.Connection) -> int:
    """Return how many sessions of this connection's database wait for an advisory lock; others have theirs."""
    row = admin.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    ).fetchone()
    return 0 if row is None else int(row[0])


def password_of(role: str) -> str:
    # Roles belong to the whole server, so every process of a test run must come to the same one.
    return f"only-for-tests-{role}"
