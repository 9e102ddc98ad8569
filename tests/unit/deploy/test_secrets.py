import base64
import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from deploy.local.bus_keys import add_bus_keys, drop_old_bus_keys
from deploy.local.environment import Places, client_environment, service_environment
from deploy.local.rabbitmq import definitions, password_hash
from deploy.local.secrets import ASSERTING, SERVICES, bus_keys, event_keys_file, make_secrets, password
from shared.crypto.age import decrypt_with, encrypt_to
from shared.crypto.kek import FileKek
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import KeySet
from shared.messaging.bus_keys import CallKeys, EventKeys, KeyNotHeld, PublishedCallKeys


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    for name in ("secrets", "offline"):
        (tmp_path / name).mkdir(mode=0o700)
    make_secrets(tmp_path / "secrets", tmp_path / "offline")
    return tmp_path / "secrets"


def _contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_secrets_are_made_once(secrets: Path) -> None:
    before = _contents(secrets)

    make_secrets(secrets, secrets.parent / "offline")

    assert _contents(secrets) == before


def test_every_secret_is_closed_to_others_and_no_two_are_equal(secrets: Path) -> None:
    files = [*secrets.iterdir(), *(secrets.parent / "offline").iterdir()]

    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert len({path.read_bytes() for path in files}) == len(files)


def test_a_key_that_was_half_written_is_made_anew(secrets: Path) -> None:
    (secrets / "kek-auth").rename(secrets / ".kek-auth.new")
    (secrets / ".kek-auth.new").write_bytes(b"half")

    make_secrets(secrets, secrets.parent / "offline")

    assert FileKek.load(secrets / "kek-auth").newest().reference.startswith("file/")
    assert not (secrets / ".kek-auth.new").exists()


def test_published_keys_are_the_public_halves(secrets: Path) -> None:
    assert KeySet.load(secrets / "token-keys.json")["token-1"] == SigningKey.load(secrets / "token-signing-key").public
    published = KeySet.load(secrets / "service-keys.json")
    assert dict(published) == {who: SigningKey.load(secrets / f"assertion-key-{who}").public for who in ASSERTING}


def test_either_backup_identity_opens_what_the_recipients_seal(secrets: Path) -> None:
    recipients = (secrets / "backup-recipients").read_text().split()
    identities = sorted((secrets.parent / "offline").iterdir())

    assert len(recipients) == len(identities) == 2
    sealed = encrypt_to(recipients, b"backup")
    assert [decrypt_with(password(identity), sealed) for identity in identities] == [b"backup", b"backup"]


def test_identities_that_were_taken_away_are_not_replaced(secrets: Path) -> None:
    offline = secrets.parent / "offline"
    for identity in offline.iterdir():
        identity.unlink()

    make_secrets(secrets, offline)

    assert list(offline.iterdir()) == []


def test_every_file_that_a_service_is_told_of_exists(secrets: Path) -> None:
    places = Places(1, 2, 3, 4, secrets, secrets.parent / "offsite")

    for service in SERVICES:
        environment = service_environment(service, places)
        assert all(name.startswith("TALLYSTICK_") for name in environment)
        assert [path for name, path in environment.items() if name.endswith("_FILE") and not Path(path).exists()] == []


def test_no_service_is_told_of_a_key_of_another(secrets: Path) -> None:
    places = Places(1, 2, 3, 4, secrets, secrets.parent / "offsite")
    published = {"call-keys.json", "token-keys.json"}
    told = {
        service: {
            Path(value).name for name, value in service_environment(service, places).items() if name.endswith("_FILE")
        }
        for service in SERVICES
    }

    for service in SERVICES:
        for other in set(SERVICES) - {service}:
            between = {event_keys_file(*ends) for ends in ((service, other), (other, service))}
            assert told[service] & told[other] - published <= between


def test_every_secret_is_told_to_two_services_at_the_most(secrets: Path) -> None:
    places = Places(1, 2, 3, 4, secrets, secrets.parent / "offsite")
    told = Counter(
        Path(value).name
        for service in SERVICES
        for name, value in service_environment(service, places).items()
        if name.endswith("_FILE")
    )

    assert {name for name, times in told.items() if times > 2} == {"call-keys.json", "token-keys.json"}


def test_a_caller_that_serves_nothing_is_told_of_no_secret_but_its_password(secrets: Path) -> None:
    places = Places(1, 2, 3, 4, secrets, secrets.parent / "offsite")
    files = {Path(value).name for name, value in client_environment(places).items() if name.endswith("_FILE")}

    assert files == {"rabbitmq-client", "call-keys.json", "token-keys.json"}
    assert "d" not in {member for key in json.loads((secrets / "call-keys.json").read_text())["keys"] for member in key}


def test_keys_for_calls_are_published_as_public_halves(secrets: Path) -> None:
    published = PublishedCallKeys(secrets / "call-keys.json")

    for service in SERVICES:
        assert published.of(service) == CallKeys(secrets / f"call-key-{service}").current.public


def test_new_keys_for_the_bus_seal_and_old_ones_open_until_they_are_dropped(secrets: Path) -> None:
    calls, events = CallKeys(secrets / "call-key-invoices"), EventKeys(secrets / "event-keys-invoices-auth")
    old_call, (old_event, _) = calls.current.public.id, events.current
    others = _contents(secrets)

    add_bus_keys(secrets, "invoices")

    assert PublishedCallKeys(secrets / "call-keys.json").of("invoices").id == calls.current.public.id != old_call
    assert events.current[0] != old_event
    assert calls.by_id(old_call).public.id == old_call
    assert events.by_id(old_event)

    drop_old_bus_keys(secrets, "invoices")

    for keys, name in ((calls, old_call), (events, old_event)):
        with pytest.raises(KeyNotHeld):
            keys.by_id(name)
    changed = {name for name, content in _contents(secrets).items() if others.get(name, content) != content}
    assert changed == {"call-keys.json", *bus_keys("invoices")}
    assert {"call-key-invoices", "event-keys-invoices-auth", "event-keys-invoices-notifier"} < changed


def test_a_renewal_that_was_killed_before_it_was_published_is_finished_by_the_next_start(secrets: Path) -> None:
    published = (secrets / "call-keys.json").read_bytes()
    add_bus_keys(secrets, "auth")
    (secrets / "call-keys.json").write_bytes(published)  # as a kill would have left it

    make_secrets(secrets, secrets.parent / "offline")

    current = CallKeys(secrets / "call-key-auth").current.public
    assert PublishedCallKeys(secrets / "call-keys.json").of("auth") == current


def test_the_broker_learns_hashes_and_no_passwords() -> None:
    text = str(definitions({"auth": "password of auth", "admin": "password of admin"}, ["tallystick"]))

    assert "password of" not in text


def test_a_password_hash_is_salt_and_digest() -> None:
    raw = base64.b64decode(password_hash("password"))

    assert raw[4:] == hashlib.sha512(raw[:4] + b"password").digest()
    assert password_hash("password") != password_hash("password")


def test_only_the_administrator_may_do_everything() -> None:
    made = definitions(dict.fromkeys((*SERVICES, "client", "admin"), "password"), ["tallystick"])
    permissions = made["permissions"]
    assert isinstance(permissions, list)

    assert {entry["user"] for entry in permissions if ".*" in (entry["configure"], entry["write"])} == {"admin"}
