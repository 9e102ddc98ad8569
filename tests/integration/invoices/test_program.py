"""`python -m services.invoices` as an operator meets it."""

import base64
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from services.invoices.codec import SCHEMAS
from services.invoices.domain.events import SubjectShredded
from services.invoices.history import customer_stream, encode, shredding_stream
from shared.crypto.kek import FileKek
from shared.crypto.keyring import TENANT_SUBJECT, Keyring, KeyShredded
from shared.crypto.rotation import KeyRotation
from shared.crypto.wrapping import unwrapped
from shared.eventstore.log import TenantLog
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.registry import EventRegistry
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.messaging import key_rotation
from tests.integration.invoices.trade import KEK, Trade, rows_of

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]
ROUNDS = 20


def run(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.invoices", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        check=False,
        capture_output=True,
        timeout=60,
        text=True,
    )


def private_file(path: Path, content: str) -> str:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")
    return str(path)


@pytest.fixture
def environment(lonely_trade: Trade, tmp_path: Path) -> dict[str, str]:
    """What it takes to rebuild."""
    return {
        "TALLYSTICK_DATABASE_URL": lonely_trade.database.url,
        "TALLYSTICK_DATABASE_PASSWORD_FILE": private_file(tmp_path / "database", lonely_trade.database.password),
        "TALLYSTICK_KEK_FILE": private_file(tmp_path / "kek", base64.b64encode(KEK.newest().key).decode()),
    }


def test_rebuild_brings_back_read_models_that_were_lost(lonely_trade: Trade, environment: Mapping[str, str]) -> None:
    lonely_trade.issued(lonely_trade.customer())
    lonely_trade.runner.run_once()
    before = rows_of(lonely_trade.database, "invoices")
    assert len(before) == 2  # drafted, and issued
    with lonely_trade.database.connect_as_admin() as admin:
        admin.execute("TRUNCATE read_a.invoices")
    rebuilt = run(environment, "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert rows_of(lonely_trade.database, "invoices") == before


def test_rebuild_destroys_again_a_key_that_a_restore_brought_back(
    lonely_trade: Trade, environment: Mapping[str, str]
) -> None:
    """The keyring of the backup is older than the shredding in the log."""
    customer = lonely_trade.customer()
    stream, subject = shredding_stream(customer), customer_stream(customer)
    event = encode(stream, TENANT_SUBJECT, SubjectShredded(subject, "erasure_request", None, (), ()))
    lonely_trade.ports.log.append(lonely_trade.tenant, [event], {stream: 0})
    lonely_trade.process().ports.keyring.dek_for(lonely_trade.tenant, subject)  # it is there
    assert run(environment, "rebuild").returncode == 0
    with pytest.raises(KeyShredded):
        lonely_trade.process().ports.keyring.dek_for(lonely_trade.tenant, subject)


def test_keys_of_every_level_are_rotated_beside_the_running_service(
    lonely_trade: Trade, environment: Mapping[str, str]
) -> None:
    lonely_trade.issued(lonely_trade.customer())
    before = list(lonely_trade.ports.log.read(lonely_trade.tenant))
    kek_file = Path(environment["TALLYSTICK_KEK_FILE"])
    first = kek_file.read_text("ascii").split()
    for level, options in (("kek", ["--new-version"]), ("tenant", []), ("dek", []), ("kek", ["--remove-old-versions"])):
        done = run(environment, "rotate-keys", "--level", level, *options)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("invoices: ")
    newest = kek_file.read_text("ascii").split()
    assert len(newest) == 1
    assert newest != first
    keyring = Keyring(FileKek.load(kek_file), PostgresKeyStore(lonely_trade.database.pool()), SystemClock())
    log = TenantLog(PostgresEventStore(lonely_trade.database.pool()), keyring, EventRegistry(SCHEMAS), SystemClock())
    assert list(log.read(lonely_trade.tenant)) == before
    assert keyring.dek_for(lonely_trade.tenant, "tenant").key_id not in {event.key for event in before}


def _rotate_kek(environment: Mapping[str, str], together: Barrier, *, remove: bool) -> None:
    """One process of an operator, which makes or destroys versions of the KEK as often as the others do."""
    os.environ.update(environment)
    order = key_rotation.Order(key_rotation.Level.KEK, None, None, new_version=not remove, remove_old_versions=remove)
    for _ in range(ROUNDS):
        together.wait(timeout=60)
        key_rotation.run("invoices", order)


def test_versions_of_the_kek_made_and_destroyed_at_once_leave_every_tenant_its_key(
    lonely_trade: Trade, environment: Mapping[str, str]
) -> None:
    store = PostgresKeyStore(lonely_trade.database.pool())
    kek_file = Path(environment["TALLYSTICK_KEK_FILE"])
    for _ in range(4):
        Keyring(FileKek.load(kek_file), store, SystemClock()).create_tenant(new_id())
    fresh = multiprocessing.get_context("spawn")
    together = fresh.Barrier(3)
    started = [
        fresh.Process(target=_rotate_kek, args=(environment, together), kwargs={"remove": remove})
        for remove in (False, False, True)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0, 0, 0]
    kek = FileKek.load(kek_file)
    for tenant in store.tenants():
        for key in store.tenant_keys(tenant):
            assert len(unwrapped(key, kek.version(key.wrapped_by))) == 32


def test_a_version_that_a_tenant_key_names_is_not_destroyed(
    lonely_trade: Trade, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the order did before: what it looks at last are the rows."""
    monkeypatch.setattr(KeyRotation, "rotate_kek", lambda *_: 0)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    key_rotation.run("invoices", key_rotation.Order(key_rotation.Level.KEK, None, None, True, True))
    kek = FileKek.load(Path(environment["TALLYSTICK_KEK_FILE"]))
    (key,) = PostgresKeyStore(lonely_trade.database.pool()).tenant_keys(lonely_trade.tenant)
    assert key.wrapped_by != kek.newest().reference
    assert len(unwrapped(key, kek.version(key.wrapped_by))) == 32


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--level", "none"),
        ("--level", "kek", "--tenant", "nonsense"),
        ("--level", "tenant", "--tenant", "nonsense"),
        ("--level", "dek", "--tenant", "nonsense"),
        ("--level", "tenant", "--new-version"),
        ("--level", "kek", "--remove-old-versions", "--tenant", "019aa0e5-1111-7000-8000-000000000001"),
        ("--level", "dek", "--subject", "customer-1"),
    ],
)
def test_an_order_that_does_not_fit_together_is_refused(
    environment: Mapping[str, str], arguments: Sequence[str]
) -> None:
    before = Path(environment["TALLYSTICK_KEK_FILE"]).read_bytes()
    refused = run(environment, "rotate-keys", *arguments)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert Path(environment["TALLYSTICK_KEK_FILE"]).read_bytes() == before


@pytest.mark.parametrize("level", ["kek", "tenant", "dek"])
def test_keys_of_a_tenant_that_is_not_there_are_not_rotated(environment: Mapping[str, str], level: str) -> None:
    ended = run(environment, "rotate-keys", "--level", level, "--tenant", "019aa0e5-1111-7000-8000-000000000001")
    assert ended.returncode == 1
    assert "tenant 019aa0e5-1111-7000-8000-000000000001 has no key" in ended.stderr


def test_a_rebuild_beside_another_one_is_refused_in_one_sentence(
    lonely_trade: Trade, environment: Mapping[str, str]
) -> None:
    with lonely_trade.database.connect() as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('rebuild invoices', 0))")
        refused = run(environment, "rebuild")
    assert refused.returncode == 1
    assert refused.stderr.endswith("invoices is being rebuilt already. The read models are as they were.\n")


def test_a_missing_setting_is_named_in_one_sentence(environment: Mapping[str, str]) -> None:
    without = {name: value for name, value in environment.items() if "KEK" not in name}
    ended = run(without, "rebuild")
    assert (ended.returncode, ended.stderr) == (2, "The setting TALLYSTICK_KEK_FILE is missing.\n")


def test_a_key_that_others_can_read_is_refused(environment: Mapping[str, str]) -> None:
    Path(environment["TALLYSTICK_KEK_FILE"]).chmod(0o644)
    ended = run(environment, "rebuild")
    assert ended.returncode == 2
    assert "TALLYSTICK_KEK_FILE" in ended.stderr


def test_help_names_the_actions() -> None:
    shown = run({}, "--help")
    assert shown.returncode == 0
    assert "rebuild" in shown.stdout
