"""The backup service put together as it runs, without the bus."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import conninfo

from services.backup.adapters.cosigner import TimedCosigner
from services.backup.adapters.directory_store import DirectoryObjectStore
from services.backup.dependencies import Application, BackupSettings
from services.backup.domain.snapshot import RecipientsRefused, parse_recipients
from shared.contracts.backup import WITNESSED
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.manifest import backup_ids
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import KeySet, jwk
from shared.eventstore.model import CommandId
from shared.kernel.clock import SystemClock
from shared.messaging.settings import DatabaseSettings, Environment, SettingInvalid
from tests.integration.backup.system import System
from tests.stack import Database

pytestmark = pytest.mark.integration


class Silence:
    """A bus on which nobody answers."""

    def call(self, service: str, method: str, arguments: dict[str, Any], timeout: float = 30) -> dict[str, Any]:  # noqa: ARG002 - whatever is asked
        raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, f"{service}.{method} is silent")


@pytest.fixture
def application(system: System, database: Callable[[str], Database]) -> Iterator[Application]:
    own = database("backup")
    settings = BackupSettings(
        database=DatabaseSettings(conninfo.make_conninfo(own.url, password=own.password)),
        max_workers=2,
        token_keys_file=Path("/nowhere"),
        databases=tuple(system.readers()),
        store=DirectoryObjectStore(system.offsite),
        recipients=tuple(system.recipients),
        signer=system.signer,
        cosigner=TimedCosigner("tallystick.example", SigningKey.generate(), SystemClock()),
        log_keys=KeySet({name: SigningKey.generate().public for name in WITNESSED}),
        service_key=SigningKey.generate(),
    )
    application = Application.build(settings, Silence())
    yield application
    application.close()


def test_a_repeated_command_takes_no_second_snapshot(application: Application, system: System) -> None:
    command = CommandId("nightly-1", bytes(32))
    assert application.take(command) == application.take(command)
    assert len(list((system.offsite / "manifests").iterdir())) == 1


def test_what_was_taken_is_listed(application: Application) -> None:
    first = application.take(CommandId("nightly-1", bytes(32)))
    second = application.take(CommandId("nightly-2", bytes(32)))
    assert application.taken.newest(10) == [second, first]


@pytest.fixture
def environment(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A complete configuration; returns the file of recipients."""
    files = {name: tmp_path / name for name in ("password", "token-keys", "recipients")}
    for path in files.values():
        path.write_text("placeholder\n")
    for name in ("signing-key", "witness-key", "service-key"):
        SigningKey.generate().save(tmp_path / name)
    keys = [jwk(SigningKey.generate().public, name) for name in WITNESSED]
    (tmp_path / "log-keys").write_text(json.dumps({"keys": keys}))
    files["recipients"].write_text("\n".join(system.recipients))
    values = {
        "DATABASE_URL": "postgresql://tallystick_backup@127.0.0.1/tallystick_backup",
        "DATABASE_PASSWORD_FILE": files["password"],
        "TOKEN_KEYS_FILE": files["token-keys"],
        "LOG_DOMAIN": "tallystick.example",
        "BACKUP_TARGET": system.offsite.as_uri(),
        "BACKUP_RECIPIENTS_FILE": files["recipients"],
        "BACKUP_SIGNING_KEY_FILE": tmp_path / "signing-key",
        "WITNESS_KEY_FILE": tmp_path / "witness-key",
        "SERVICE_KEY_FILE": tmp_path / "service-key",
        "LOG_KEYS_FILE": tmp_path / "log-keys",
        "BACKUP_READER_PASSWORD_FILE": files["password"],
        **{
            f"BACKUP_DATABASE_URL_{name.upper()}": f"postgresql://tallystick_backup_reader@127.0.0.1/{name}"
            for name in system.databases
        },
    }
    for name, value in values.items():
        monkeypatch.setenv(f"TALLYSTICK_{name}", str(value))
    return files["recipients"]


def test_a_complete_configuration_is_taken(environment: Path, system: System) -> None:
    assert BackupSettings.read(Environment()).recipients == tuple(system.recipients)


def test_one_recipient_is_not_enough(environment: Path, system: System) -> None:
    environment.write_text(system.recipients[0])
    with pytest.raises(SettingInvalid, match="at least 2"):
        BackupSettings.read(Environment())


def test_a_service_that_is_given_an_identity_does_not_start(environment: Path, system: System) -> None:
    environment.write_text("\n".join([*system.recipients, str(system.identities[0])]))
    with pytest.raises(SettingInvalid) as refusal:
        BackupSettings.read(Environment())
    assert str(system.identities[0]) not in str(refusal.value)
    with pytest.raises(RecipientsRefused):
        parse_recipients(environment.read_text())


def test_a_setting_that_is_missing_is_named(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALLYSTICK_BACKUP_TARGET")
    with pytest.raises(SettingInvalid, match="TALLYSTICK_BACKUP_TARGET"):
        BackupSettings.read(Environment())


def test_a_witness_without_the_keys_of_all_logs_does_not_start(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "log-keys").write_text(json.dumps({"keys": [jwk(SigningKey.generate().public, "invoices")]}))
    with pytest.raises(SettingInvalid, match="TALLYSTICK_LOG_KEYS_FILE"):
        BackupSettings.read(Environment())


SNAPSHOT_FOR_EVER = """
import sys
from pathlib import Path
from services.backup.adapters.archive import AgeArchive
from services.backup.adapters.directory_store import DirectoryObjectStore
from services.backup.adapters.note_signer import NoteSigner
from services.backup.adapters.postgres_view import PostgresDatabase
from services.backup.handlers import Snapshots
from shared.crypto.signing import SigningKey
from shared.kernel.clock import SystemClock

offsite, database, *recipients = sys.argv[1:]
databases = [PostgresDatabase("invoices", database)] * 1000
signer = NoteSigner("tallystick.example", SigningKey.generate())
Snapshots(databases, DirectoryObjectStore(Path(offsite)), AgeArchive(recipients), signer, SystemClock()).take()
"""


def test_a_snapshot_killed_in_the_middle_is_no_backup_and_the_next_one_is(system: System) -> None:
    reader = next(each for each in system.readers() if each.name == "invoices")
    program = [sys.executable, "-c", SNAPSHOT_FOR_EVER, str(system.offsite), reader.conninfo, *system.recipients]
    with subprocess.Popen(program) as process:
        while len(list(system.offsite.rglob("*.age"))) < 3:
            assert process.poll() is None, "it ended before it was killed"
            time.sleep(0.01)
        process.kill()
    store = DirectoryObjectStore(system.offsite)
    assert backup_ids(store.list("")) == []
    manifest = system.snapshots().take()
    assert manifest.previous is None
    assert backup_ids(store.list("")) == [manifest.backup_id]


def test_the_service_cannot_forget_a_snapshot(application: Application) -> None:
    with application.pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM app.snapshots")
