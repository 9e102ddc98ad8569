"""Bootstrap brings a server to where it should be, again and again."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

from deploy.postgres import bootstrap
from deploy.postgres.bootstrap import BootstrapRefused, Script
from shared.kernel.ids import new_id
from tests.stack import Stack, password_of

pytestmark = pytest.mark.integration


class Fixture:
    """Names of databases that nobody else uses."""

    def __init__(self, stack: Stack) -> None:
        self.admin_dsn, self.prefix = stack.admin_dsn, f"test_bootstrap_{new_id()}_"

    def database_name(self, service: str) -> str:
        return self.prefix + service

    def bootstrap(self, *services: str) -> None:
        bootstrap.bootstrap(self.admin_dsn, services, password_of, self.database_name)

    def query(self, service: str, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(conninfo.make_conninfo(self.admin_dsn, dbname=self.database_name(service))) as admin:
            return admin.execute(query).fetchall()


@pytest.fixture
def it(stack: Stack) -> Iterator[Fixture]:
    it = Fixture(stack)
    yield it
    with psycopg.connect(stack.admin_dsn, autocommit=True) as admin:
        for service in bootstrap.SERVICES:
            name = sql.Identifier(it.database_name(service))
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The one script that bootstrap runs in this test."""
    path = tmp_path / "script.sql"
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "scripts_for", lambda _: [Script(path, repeatable=False)])
    return path


def test_every_service_gets_a_database_of_its_own(it: Fixture) -> None:
    it.bootstrap(*bootstrap.SERVICES)
    for service in bootstrap.SERVICES:
        owners = it.query(
            service,
            "SELECT rolname FROM pg_database d JOIN pg_roles r ON r.oid = datdba WHERE datname = current_database()",
        )
        assert owners == [(f"tallystick_{service}_owner",)]
        assert it.query(service, "SELECT count(*) FROM log.events") == [(0,)]


def test_running_it_again_changes_nothing(it: Fixture) -> None:
    it.bootstrap("invoices")
    before = it.query("invoices", "SELECT * FROM public.schema_versions ORDER BY script")
    it.bootstrap("invoices")
    assert it.query("invoices", "SELECT * FROM public.schema_versions ORDER BY script") == before
    assert {row[0] for row in before} == {script.name for script in bootstrap.scripts_for("invoices")}


def test_passwords_are_kept_as_scram_verifiers(it: Fixture) -> None:
    it.bootstrap("invoices")
    ((verifier,),) = it.query("invoices", "SELECT rolpassword FROM pg_authid WHERE rolname = 'tallystick_invoices'")
    assert str(verifier).startswith("SCRAM-SHA-256$")


def test_a_table_script_that_changed_is_refused(it: Fixture, script: Path) -> None:
    script.write_text("CREATE TABLE public.kept ()")
    it.bootstrap("invoices")
    script.write_text("CREATE TABLE public.kept (added integer)")
    with pytest.raises(BootstrapRefused, match=r"script\.sql changed after it made the tables of invoices"):
        it.bootstrap("invoices")


def test_a_repeatable_script_that_changed_runs_again(
    it: Fixture, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "scripts_for", lambda _: [Script(script, repeatable=True)])
    for answer in ("1", "2"):
        script.write_text(f"CREATE OR REPLACE FUNCTION public.answer() RETURNS integer LANGUAGE sql RETURN {answer}")
        it.bootstrap("invoices")
        assert it.query("invoices", "SELECT public.answer()") == [(int(answer),)]


def test_a_script_that_fails_leaves_nothing_behind(it: Fixture, script: Path) -> None:
    script.write_text("CREATE TABLE public.half (); SELECT 1/0;")
    with pytest.raises(BootstrapRefused, match=r"script\.sql: division by zero"):
        it.bootstrap("invoices")
    assert it.query("invoices", "SELECT to_regclass('public.half'), to_regclass('public.schema_versions')") == [
        (None, None)
    ]


def test_roles_are_named_in_scripts_by_placeholder(it: Fixture, script: Path) -> None:
    script.write_text("CREATE TABLE public.shown (); GRANT SELECT ON public.shown TO {service}, {backup_reader}")
    it.bootstrap("invoices")
    granted = it.query(
        "invoices",
        "SELECT grantee::text FROM information_schema.role_table_grants WHERE table_name = 'shown'"
        " AND grantee <> grantor ORDER BY 1",
    )
    assert granted == [("tallystick_backup_reader",), ("tallystick_invoices",)]


@pytest.fixture
def secrets(it: Fixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """What the command line finds: its settings, and a folder of passwords."""
    for role in (*bootstrap.SERVICES, "backup-reader"):
        (tmp_path / f"postgres-{role}").write_text(password_of(role) + "\n")
    monkeypatch.setenv("TALLYSTICK_ADMIN_DSN", it.admin_dsn)
    monkeypatch.setenv("TALLYSTICK_SECRETS_DIR", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["bootstrap", "--prefix", it.prefix])
    return tmp_path


def test_the_command_makes_databases_under_another_prefix(it: Fixture, secrets: Path) -> None:
    bootstrap.main()
    for service in bootstrap.SERVICES:
        assert it.query(service, "SELECT count(*) FROM log.events") == [(0,)]


def test_a_missing_setting_is_named(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALLYSTICK_ADMIN_DSN")
    with pytest.raises(SystemExit, match="set TALLYSTICK_ADMIN_DSN"):
        bootstrap.main()


def test_a_missing_password_file_is_named(secrets: Path) -> None:
    (secrets / "postgres-auth").unlink()
    with pytest.raises(SystemExit, match="postgres-auth"):
        bootstrap.main()
