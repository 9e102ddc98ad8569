"""`make setup-compose`: every secret anew, for one user's eyes, and never twice."""

import json
import re
import stat
from pathlib import Path

import pytest
import yaml

from deploy.compose import add_kek_version, change_bus_keys, prepare
from deploy.local.bus_keys import add_bus_keys, drop_old_bus_keys

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    prepare(tmp_path)
    return tmp_path


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_secret_that_the_compose_file_mounts_is_made(checkout: Path) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    missing = [entry["file"] for entry in compose["secrets"].values() if not (checkout / entry["file"]).is_file()]
    assert missing == []


def test_every_setting_that_the_compose_file_asks_for_is_given(checkout: Path) -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    given = {line.split("=")[0] for line in (checkout / ".env").read_text("utf-8").splitlines()}
    assert asked == given


def test_secrets_are_for_one_user_only(checkout: Path) -> None:
    folder = checkout / "deploy" / "secrets"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    directories = {"secrets": 0o700, "offline": 0o700}
    assert modes == {**dict.fromkeys(modes, 0o600), **directories}


def test_containers_run_as_the_owner_of_the_secrets_and_never_as_root(checkout: Path) -> None:
    status = (checkout / "deploy" / "secrets" / "call-key-auth").stat()
    assert f"TALLYSTICK_USER={status.st_uid}:{status.st_gid}" in (checkout / ".env").read_text("utf-8").splitlines()
    assert status.st_uid != 0


def test_what_opens_backups_is_mounted_nowhere(checkout: Path) -> None:
    identities = [path.name for path in (checkout / "deploy" / "secrets" / "offline").iterdir()]
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert identities
    assert [name for name in identities if name in compose] == []


def test_preparing_again_keeps_every_secret(checkout: Path) -> None:
    before = _contents(checkout)
    prepare(checkout)
    after = _contents(checkout)
    derived = {"rabbitmq-definitions.json"}  # hashes of the same passwords with a new salt
    assert {name for name in before if before[name] != after[name]} == derived
    assert before.keys() == after.keys()


def test_a_kek_gets_a_new_version_beside_the_old_one_and_stays_its_owners(checkout: Path) -> None:
    path = checkout / "deploy" / "secrets" / "kek-invoices"
    before, owner = path.read_bytes(), path.stat()
    add_kek_version(checkout, "invoices")
    new, *old = path.read_bytes().splitlines()
    assert old == before.splitlines()
    assert new not in old
    after = path.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (owner.st_uid, owner.st_gid, owner.st_mode)


def test_new_keys_for_the_bus_stay_readable_for_the_containers_and_the_old_ones_go_when_asked(checkout: Path) -> None:
    folder = checkout / "deploy" / "secrets"
    before = (folder / "call-key-invoices").read_bytes().split()
    owner = (folder / "kek-invoices").stat()
    change_bus_keys(checkout, add_bus_keys, "invoices")
    new, *old = (folder / "call-key-invoices").read_bytes().split()
    assert old == before
    change_bus_keys(checkout, drop_old_bus_keys, "invoices")
    assert (folder / "call-key-invoices").read_bytes().split() == [new]
    for name in ("call-key-invoices", "event-keys-invoices-auth", "call-keys.json"):
        after = (folder / name).stat()
        assert (after.st_uid, after.st_gid, after.st_mode) == (owner.st_uid, owner.st_gid, owner.st_mode)


def test_preparing_again_brings_the_brokers_permissions_up_to_date(checkout: Path) -> None:
    definitions = checkout / "deploy" / "secrets" / "rabbitmq-definitions.json"
    permissions = json.loads(definitions.read_text("utf-8"))["permissions"]
    definitions.write_text('{"permissions": []}', "utf-8")
    prepare(checkout)
    assert json.loads(definitions.read_text("utf-8"))["permissions"] == permissions


def test_preparing_again_keeps_the_operators_settings(checkout: Path) -> None:
    settings = checkout / ".env"
    settings.write_text("TALLYSTICK_LOG_DOMAIN=mine.example\nOTHER=1\n", "utf-8")
    prepare(checkout)
    assert {"TALLYSTICK_LOG_DOMAIN=mine.example", "OTHER=1"} <= set(settings.read_text("utf-8").splitlines())


def test_no_two_checkouts_share_a_secret(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "deploy").mkdir()
    prepare(other)
    first, second = _contents(checkout / "deploy"), _contents(other / "deploy")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] == second[name]] == []


def test_no_password_stands_in_the_brokers_definitions(checkout: Path) -> None:
    folder = checkout / "deploy" / "secrets"
    definitions = (folder / "rabbitmq-definitions.json").read_text("utf-8")
    passwords = [path.read_text("utf-8").strip() for path in folder.glob("rabbitmq-*[!n]")]
    assert len(passwords) > 1
    assert [password for password in passwords if password in definitions] == []


def test_git_never_sees_secrets_or_settings() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"deploy/secrets/", ".env"} <= set(ignored)
