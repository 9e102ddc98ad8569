"""Bootstrap brings a server to where it should be, again and again."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

from deploy.postgres import bootstrap
from deploy.postgres.bootstrap import BootstrapRefused, Script
from shared.kernel.ids import new_id
from tests.stack import Stack, password_of

pytestmark = pytest.mark.integration
PROJECT = Path(__file__).parents[3]


class Fixture:
    """Names of databases that nobody else uses."""

    def __init__(self, stack: Stack) -> None:
        self.admin_dsn, self.prefix = stack.admin_dsn, f"test_bootstrap_{new_id()}_"

    def database_name(self, service: str) -> str:
        return self.prefix + service

    def bootstrap(self, *services: str) -> None:
        bootstrap.bootstrap(self.admin_dsn, services, password_of, self.database_name)

    @contextmanager
    def bootstrap_in_another_process(self, service: str, steps: Path) -> Iterator[subprocess.Popen[bytes]]:
        program = textwrap.dedent("""
            import pathlib, sys
            from deploy.postgres import bootstrap
            steps, admin_dsn, service, name, password = sys.argv[1:]
            bootstrap.ROOT = pathlib.Path(steps).parent
            bootstrap.scripts_for = lambda _: [
                bootstrap.Script(path, repeatable=False) for path in sorted(pathlib.Path(steps).iterdir())
            ]
            bootstrap.bootstrap(admin_dsn, [service], lambda role: password + role, lambda _: name)
        """)
        arguments = [str(steps), self.admin_dsn, service, self.database_name(service), password_of("")]
        with subprocess.Popen([sys.executable, "-c", program, *arguments], cwd=PROJECT) as process:
            try:
                yield process
            finally:
                process.kill()

    def wait_for_activity(self, service: str, pattern: str) -> None:
        with psycopg.connect(self.admin_dsn, autocommit=True) as admin:
            query = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND state = 'active' AND query LIKE %s"
            while admin.execute(query, (self.database_name(service), pattern)).fetchone() is None:
                time.sleep(0.05)

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
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder: what is put into it are the only steps."""
    folder = tmp_path / "schema"
    folder.mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(
        bootstrap, "scripts_for", lambda _: [Script(path, repeatable=False) for path in sorted(folder.iterdir())]
    )
    return folder


@pytest.fixture
def script(steps: Path) -> Path:
    """The one step that bootstrap runs in this test."""
    return steps / "0001-first.sql"


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
    made = [script for script in bootstrap.read_models_of("invoices") if script.copy in {"read_a", "read_b"}]
    assert {row[0] for row in before} == {script.name for script in [*bootstrap.scripts_for("invoices"), *made]}


def test_passwords_are_kept_as_scram_verifiers(it: Fixture) -> None:
    it.bootstrap("invoices")
    ((verifier,),) = it.query("invoices", "SELECT rolpassword FROM pg_authid WHERE rolname = 'tallystick_invoices'")
    assert str(verifier).startswith("SCRAM-SHA-256$")


def test_steps_run_in_the_order_of_their_numbers() -> None:
    names = [script.name for script in bootstrap.scripts_for("invoices")]
    assert names[0] == "shared/eventstore/schema/0001-log.sql"
    assert names.index("shared/eventstore/schema/0002-keyring.sql") < names.index(
        "services/invoices/schema/0001-invoices.sql"
    )
    assert names[-1] == "shared/eventstore/isolation.sql"


def test_a_database_that_is_in_use_gets_the_steps_that_it_lacks(it: Fixture, steps: Path) -> None:
    (steps / "0001-kept.sql").write_text("CREATE TABLE public.kept AS SELECT 'a row' AS content")
    it.bootstrap("invoices")
    (steps / "0002-added.sql").write_text("ALTER TABLE public.kept ADD COLUMN added integer DEFAULT 7")
    it.bootstrap("invoices")
    assert it.query("invoices", "SELECT content, added FROM public.kept") == [("a row", 7)]


def test_a_step_that_changed_after_it_ran_is_refused(it: Fixture, script: Path) -> None:
    script.write_text("CREATE TABLE public.kept ()")
    it.bootstrap("invoices")
    script.write_text("CREATE TABLE public.kept (added integer)")
    with pytest.raises(BootstrapRefused, match=r"0001-first\.sql changed after it ran in the database of invoices"):
        it.bootstrap("invoices")


def test_a_database_of_a_later_version_is_refused(it: Fixture, steps: Path) -> None:
    (steps / "0001-kept.sql").write_text("CREATE TABLE public.kept ()")
    (steps / "0002-later.sql").write_text("CREATE TABLE public.later ()")
    it.bootstrap("invoices")
    (steps / "0002-later.sql").unlink()
    with pytest.raises(BootstrapRefused, match=r"does not know \(schema/0002-later\.sql\)"):
        it.bootstrap("invoices")


def test_grants_are_given_again_after_a_step(it: Fixture, steps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grants = steps.parent / "grants.sql"
    grants.write_text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {service}")
    scripts = [Script(steps / f"000{number}.sql", repeatable=False) for number in (1, 2)]
    for number, step in enumerate(scripts, start=1):
        step.path.write_text(f"CREATE TABLE public.made_{number} ()")
        known = [*scripts[:number], Script(grants, repeatable=True)]
        monkeypatch.setattr(bootstrap, "scripts_for", lambda _, known=known: known)
        it.bootstrap("invoices")
    assert it.query("invoices", "SELECT has_table_privilege('tallystick_invoices', 'public.made_2', 'SELECT')") == [
        (True,)
    ]


def test_a_killed_bootstrap_goes_on_where_it_was(it: Fixture, steps: Path) -> None:
    (steps / "0001-kept.sql").write_text("CREATE TABLE public.kept ()")
    it.bootstrap("invoices")
    (steps / "0002-slow.sql").write_text("CREATE TABLE public.half (); SELECT pg_sleep(60)")
    with it.bootstrap_in_another_process("invoices", steps) as process:
        it.wait_for_activity("invoices", "%pg_sleep%")
        process.kill()
    (steps / "0002-slow.sql").write_text("CREATE TABLE public.half (whole integer)")
    it.bootstrap("invoices")
    assert it.query("invoices", "SELECT whole FROM public.half") == []
    assert it.query("invoices", "SELECT script FROM public.schema_versions ORDER BY 1") == [
        ("schema/0001-kept.sql",),
        ("schema/0002-slow.sql",),
    ]


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
    with pytest.raises(BootstrapRefused, match=r"0001-first\.sql: division by zero"):
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
