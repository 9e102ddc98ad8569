"""Make roles, databases and tables: `python -m deploy.postgres.bootstrap`. Running it again changes nothing.

Per service there is an owner role, which owns everything and never logs in, and the role that the service logs in as,
which has what privileges.sql and the service's own steps grant. One more role reads for backups. PUBLIC has nothing.

Tables are made and changed by numbered steps, `schema/NNNN-<what>.sql`: each runs once in a database, in order, and is
recorded with its hash. What an existing database lacks it gets; a step that changed after it ran is refused. Only
`schema/read.sql`, the read models, may change: it runs in a pair of copies that nobody uses (shapes.py). All of it is
one transaction per database, so one that was killed in the middle left nothing, and the next run goes on.
"""

import argparse
import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from deploy.postgres import shapes
from shared.eventstore.copies import COPIES

SERVICES = ("auth", "invoices", "notifier", "backup")
BACKUP_READER = "tallystick_backup_reader"
ROOT = Path(__file__).resolve().parents[2]
_EVENTSTORE = ROOT / "shared" / "eventstore"
_INBOX = ROOT / "shared" / "messaging" / "inbox.sql"
_SERVICES_WITH_INBOX = frozenset({"notifier"})
_STEP = re.compile(r"(^|/)schema/[0-9]{4}-[^/]+\.sql$")
# Roles belong to the whole server: two bootstraps at once take turns. Any number that nobody else here uses.
_LOCK = 7_204_165_301

Secrets = Callable[[str], str]
"""Gives the password of a role by its short name: the service's, or `backup-reader`."""


class BootstrapRefused(Exception):
    """The databases are not in a state that this program may change; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Script:
    """An SQL file that is run as the owner role, and recorded by its hash."""

    path: Path
    repeatable: bool
    """Functions and grants: run again when they changed or a step ran. A step runs once."""
    copy: str | None = None
    """For read models: the copy in which the script makes its tables."""

    @property
    def name(self) -> str:
        """The path inside the project, and the copy if any, under which the run is recorded."""
        path = self.path.relative_to(ROOT).as_posix()
        return path if self.copy is None else f"{path} in {self.copy}"

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, in hex."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def service_role(service: str) -> str:
    """Return the role that a service logs in as."""
    return f"tallystick_{service}"


def owner_role(service: str) -> str:
    """Return the role that owns a service's database and never logs in."""
    return f"tallystick_{service}_owner"


def scripts_for(service: str) -> list[Script]:
    """Return the scripts of a service's database in the order in which they run."""
    steps = [
        *_steps(_EVENTSTORE / "schema"),
        *([_INBOX] if service in _SERVICES_WITH_INBOX else []),
        *_steps(ROOT / "services" / service / "schema"),
    ]
    repeatable = ["tree.sql", "append.sql", "keyring.sql", "read.sql", "privileges.sql", "isolation.sql"]
    return [
        *(Script(path, repeatable=False) for path in steps),
        *(Script(_EVENTSTORE / name, repeatable=True) for name in repeatable),
    ]


def read_models_of(service: str) -> list[Script]:
    """Return the script that makes a service's read models, if it has any, for each copy."""
    path = ROOT / "services" / service / "schema" / "read.sql"
    return [Script(path, repeatable=False, copy=copy) for copy in COPIES] if path.exists() else []


def _steps(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]-*.sql"))


def bootstrap(
    admin_dsn: str,
    services: Sequence[str],
    secrets: Secrets,
    database_name: Callable[[str], str] = service_role,
) -> None:
    """Bring roles, databases and tables of `services` to where they should be.

    `admin_dsn` names a superuser and a maintenance database. `database_name` maps a service to its database, for
    throw-away and restored ones. Raises BootstrapRefused, psycopg.Error.
    """
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        for service in services:
            _create_role(admin, owner_role(service), None)
            _create_role(admin, service_role(service), secrets(service))
        _create_role(admin, BACKUP_READER, secrets("backup-reader"), reads_all_tenants=True)
        for service in services:
            create_database(admin, service, database_name(service))
            with psycopg.connect(conninfo.make_conninfo(admin_dsn, dbname=database_name(service))) as database:
                _apply_scripts(database, service)


def create_database(admin: psycopg.Connection, service: str, name: str, template: str = "template0") -> None:
    """Create the database unless it is there, and say who may connect to it: that is not part of a template."""
    if admin.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(owner_role(service))
            )
        )
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {service}, {backup_reader}",
    ):
        admin.execute(
            sql.SQL(statement).format(
                database=sql.Identifier(name),
                service=sql.Identifier(service_role(service)),
                backup_reader=sql.Identifier(BACKUP_READER),
            )
        )


def _create_role(
    admin: psycopg.Connection, role: str, password: str | None, *, reads_all_tenants: bool = False
) -> None:
    if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
        admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    login = "NOLOGIN" if password is None else "LOGIN"
    tenants = "BYPASSRLS" if reads_all_tenants else "NOBYPASSRLS"
    admin.execute(
        sql.SQL(f"ALTER ROLE {{}} {login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {tenants}").format(
            sql.Identifier(role)
        )
    )
    if password is not None:
        # Hashed here, as SCRAM: the password itself never reaches the server, so it cannot be in its logs.
        verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


def _apply_scripts(database: psycopg.Connection, service: str) -> None:
    """Run what was not run yet, as the owner, in one transaction."""
    # When this process is killed in the middle of a step, the server notices and lets the next run begin.
    database.execute("SET client_connection_check_interval = '1s'")
    database.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(owner_role(service))))
    database.execute(
        "CREATE TABLE IF NOT EXISTS public.schema_versions"
        " (script text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    applied: Mapping[str, str] = dict(database.execute("SELECT script, sha256 FROM public.schema_versions").fetchall())
    scripts = scripts_for(service)
    _refuse_newer(service, applied, scripts)
    steps = [script for script in scripts if not script.repeatable and script.name not in applied]
    for script in scripts:
        if not script.repeatable and applied.get(script.name, script.digest) != script.digest:
            raise BootstrapRefused(
                f"{script.name} changed after it ran in the database of {service}: "
                "put it back and write what changed as a step of its own"
            )
    for script in steps:
        _run(database, service, script)
    shaped = _shape_read_models(database, service, applied)
    for script in scripts:
        if script.repeatable and (steps or shaped or applied.get(script.name) != script.digest):
            _run(database, service, script)


def _shape_read_models(database: psycopg.Connection, service: str, applied: Mapping[str, str]) -> bool:
    """Make the tables of the read models where they are not there in this shape; return whether it did."""
    scripts = {str(script.copy): script for script in read_models_of(service)}
    if not scripts:
        return False
    shape = next(iter(scripts.values())).digest
    made = {copy: applied[script.name] for copy, script in scripts.items() if script.name in applied}
    try:
        pair = shapes.pair_to_make(database, shape, made)
    except shapes.ShapeRefused as refusal:
        raise BootstrapRefused(f"the database of {service}: {refusal}") from None
    for copy in pair or ():
        _run(database, service, scripts[copy])
    return pair is not None


def _refuse_newer(service: str, applied: Mapping[str, str], scripts: Sequence[Script]) -> None:
    """Raise BootstrapRefused when the database was made by a later version: an earlier one would grant wrongly."""
    unknown = sorted(name for name in applied.keys() - {script.name for script in scripts} if _STEP.search(name))
    if unknown:
        raise BootstrapRefused(
            f"the database of {service} has steps that this version does not know ({', '.join(unknown)}): "
            "run the version that made them, or a later one"
        )


def _run(database: psycopg.Connection, service: str, script: Script) -> None:
    """Run a script and record it."""
    text = script.path.read_text("utf-8")
    # Placeholders only, so that braces in other scripts stay what they are.
    for placeholder, role in (("{service}", service_role(service)), ("{backup_reader}", BACKUP_READER)):
        text = text.replace(placeholder, sql.Identifier(role).as_string(database))
    try:
        if script.copy is not None:
            database.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(script.copy)))
        database.execute(text)
        database.execute("SET LOCAL search_path TO DEFAULT")
    except psycopg.Error as error:
        raise BootstrapRefused(f"{script.name}: {error}") from error
    database.execute(
        "INSERT INTO public.schema_versions (script, sha256) VALUES (%s, %s)"
        " ON CONFLICT (script) DO UPDATE SET sha256 = excluded.sha256, applied_at = excluded.applied_at",
        (script.name, script.digest),
    )


def main() -> None:
    """Bootstrap the server that TALLYSTICK_ADMIN_DSN names, passwords from files in TALLYSTICK_SECRETS_DIR."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.postgres.bootstrap", description="Make roles and databases."
    )
    parser.add_argument(
        "--prefix",
        default="tallystick_",
        help="databases are named <prefix><service>; another prefix makes empty ones to restore a backup into",
    )
    prefix = parser.parse_args().prefix
    missing = [name for name in ("TALLYSTICK_ADMIN_DSN", "TALLYSTICK_SECRETS_DIR") if not os.environ.get(name)]
    if missing:
        sys.exit(f"set {' and '.join(missing)}")
    folder = Path(os.environ["TALLYSTICK_SECRETS_DIR"])

    def password_of(name: str) -> str:
        return (folder / f"postgres-{name}").read_text("utf-8").strip()

    try:
        bootstrap(os.environ["TALLYSTICK_ADMIN_DSN"], SERVICES, password_of, lambda service: f"{prefix}{service}")
    except (BootstrapRefused, psycopg.Error, OSError) as error:
        sys.exit(f"bootstrap: {error}")


if __name__ == "__main__":
    main()
