"""What somebody is told when a command gets no further than the broker, or a service refuses what it was sent."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.hpke import OpeningKey
from shared.messaging.answers import BrokerUnusable, absent, unavailable
from shared.messaging.bus_keys import published_set
from shared.messaging.client import RpcClient
from shared.messaging.settings import BusSettings, Environment
from tests.unit.cli.running import tallystick

KEYS = {"auth": OpeningKey.generate().public}
Refuse = Callable[[PublicError], Result]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a broker might be."""
    files = {"AMQP_PASSWORD_FILE": b"canary-7d1f\n", "CALL_KEYS_FILE": published_set(KEYS).encode()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
        monkeypatch.setenv(f"TALLYSTICK_{name}", str(tmp_path / name))
    monkeypatch.setenv("TALLYSTICK_AMQP_URL", "amqp://client@broker.example:5672/tallystick")


@pytest.fixture
def refused(settings: None, monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Return what is said when a service, or the way to it, refuses."""

    def refuse(error: PublicError) -> Result:
        def call(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(RpcClient, "call", call)
        done = tallystick("enrol", typed="invitation\n" + "a long password\n" * 2)
        assert (done.exit_code, type(done.exception)) == (1, SystemExit)
        return done

    return refuse


def last_line(result: Result) -> str:
    return result.stderr.splitlines()[-1]


def test_wrong_fields_of_a_request_are_named(refused: Refuse) -> None:
    fields = {"iban": ["Not an IBAN.\x1b[31m"], "address": {"city": ["Missing data for required field."]}}
    told = last_line(refused(PublicError(ErrorCode.MALFORMED_REQUEST, "The request is malformed.", {"fields": fields})))
    assert told.startswith("Error: malformed_request: The request is malformed. {")
    assert '"iban": ["Not an IBAN.' in told
    assert '"address": {"city": ["Missing data for required field."]}' in told
    assert "\x1b" not in told


def test_a_denial_says_why(refused: Refuse) -> None:
    reasons = [{"code": "no_grant", "text": "No grant gives the permission\x1b[31m training:manage."}]
    denied = PublicError(ErrorCode.PERMISSION_DENIED, "You may not do this.", {"reasons": reasons})
    told = last_line(refused(denied))
    assert told.startswith("Error: permission_denied: You may not do this. No grant gives the permission")
    assert "\x1b" not in told


def test_an_error_without_fields_is_its_sentence(refused: Refuse) -> None:
    told = last_line(refused(PublicError(ErrorCode.INVITATION_INVALID, "The invitation is not valid.", {"left": 3})))
    assert told == "Error: invitation_invalid: The invitation is not valid."


def test_what_the_settings_may_be_to_blame_for_says_where_they_are(refused: Refuse) -> None:
    assert "client.env" in last_line(refused(BrokerUnusable("The broker at a:1 refuses user and password.")))
    for error in (absent("auth"), unavailable("auth")):
        assert "client.env" not in last_line(refused(error))


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("name", ["AMQP_URL", "AMQP_PASSWORD_FILE", "CALL_KEYS_FILE"])
def test_a_setting_that_is_missing_is_named_and_where_settings_are(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(f"TALLYSTICK_{name}")
    done = tallystick("enrol")
    assert done.exit_code == 2
    assert f"The setting TALLYSTICK_{name} is missing." in done.stderr
    assert "client.env" in done.stderr
    assert "canary" not in done.stderr


@pytest.mark.usefixtures("settings")
def test_settings_show_where_the_broker_is_and_no_password() -> None:
    read = BusSettings.read(Environment())
    assert read.address == "broker.example:5672"
    assert "canary" in read.uri
