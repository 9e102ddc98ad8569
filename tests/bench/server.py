"""The private PostgreSQL of a benchmark: durable commits, its settings read back from the server itself."""

import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from deploy.local.ports import LOOPBACK
from deploy.local.private_server import private_postgres
from deploy.local.profile import Profile
from shared.kernel.ids import new_id
from tests.stack import Database, Databases, RabbitServer, Stack

# What makes a commit durable is PostgreSQL's default; it is said again so that a benchmark cannot run without it.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# No checkpoint in the middle of one contender's turn.
STEADY = {"max_wal_size": "8GB", "checkpoint_timeout": "1h", "shared_buffers": "512MB"}

_SHOWN = (*DURABLE, *STEADY, "server_version", "wal_sync_method", "wal_level", "data_checksums")
_FLUSHES = 200
_PAGE = b"\0" * 8192


@dataclass
class Server:
    """A running server and its throw-away databases."""

    admin_dsn: str
    databases: Databases

    def service_database(self, service: str = "invoices") -> Database:
        """Make an empty database as the services' bootstrap makes it."""
        return self.databases.create(service)

    def plain_database(self, name: str) -> str:
        """Make an empty database and return the superuser's connection string for it."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return psycopg.conninfo.make_conninfo(self.admin_dsn, dbname=name)

    def settle(self) -> None:
        """Write everything out, so that no contender pays for what came before."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as admin:
            admin.execute("CHECKPOINT")

    def analyse(self, database: Database) -> None:
        """Let the planner know what is there now, as the server does by itself after a while."""
        with database.connect_as_admin() as admin:
            admin.execute("VACUUM ANALYZE")
        self.settle()

    def tenant_in(self, database: Database, partition: int) -> str:
        """Return the id of a new tenant whose events lie in this partition."""
        with database.connect_as_admin() as admin:
            row = admin.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'log.events'::regclass").fetchone()
            assert row
            while True:
                tenant = new_id()
                query = "SELECT satisfies_hash_partition('log.events'::regclass, %s, %s, %s::uuid)"
                if admin.execute(query, (row[0], partition, tenant)).fetchone() == (True,):
                    return tenant

    def settings(self) -> dict[str, str]:
        """Return the settings that matter, as the server has them."""
        with psycopg.connect(self.admin_dsn) as admin:
            rows = admin.execute(
                "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [[*_SHOWN]]
            )
            return dict(rows.fetchall())


@contextmanager
def bench_server(run_directory: Path) -> Iterator[Server]:
    """Run a server with an empty cluster; it and its data are gone afterwards. ProfileBusy when one runs already."""
    profile = Profile("bench", run_directory / "bench", complete=False, durable=False)
    with profile.hold():
        data = profile.directory / "postgres"
        shutil.rmtree(data, ignore_errors=True)
        try:
            with private_postgres(profile.directory, {**DURABLE, **STEADY}) as private:
                dsn = private.server.admin_dsn
                port = int(conninfo_to_dict(dsn)["port"] or 0)
                databases = Databases(Stack(dsn, LOOPBACK, port, RabbitServer(LOOPBACK, 0, [], {})))
                try:
                    yield Server(dsn, databases)
                finally:
                    databases.close()
        finally:
            shutil.rmtree(data, ignore_errors=True)


def machine(directory: Path) -> dict[str, object]:
    """Name the machine: what the figures depend on."""
    cpuinfo = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = {line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")}
    return {
        "processor": ", ".join(sorted(models)) or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "flush_us": round(_flush_seconds(directory) * 1e6),
    }


def _flush_seconds(directory: Path) -> float:
    """Return the median time of writing 8 KiB and fdatasync(2): the floor under every durable commit."""
    path = directory / "flush"
    took = []
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for _ in range(_FLUSHES):
            start = time.perf_counter()
            os.pwrite(descriptor, _PAGE, 0)
            os.fdatasync(descriptor)
            took.append(time.perf_counter() - start)
    finally:
        os.close(descriptor)
        path.unlink()
    return sorted(took)[len(took) // 2]
