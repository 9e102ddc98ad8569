from pathlib import Path

import pytest

from shared.messaging.settings import DatabaseSettings, Environment, SettingInvalid, read_or_exit, with_password


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    secret = tmp_path / "secret"
    secret.write_text("p@ss/w:rd\n")
    monkeypatch.setenv("TALLYSTICK_DATABASE_URL", "postgresql://tallystick_invoices@localhost:5432/tallystick_invoices")
    monkeypatch.setenv("TALLYSTICK_DATABASE_PASSWORD_FILE", str(secret))
    monkeypatch.setenv("TALLYSTICK_NUMBER", "7")
    monkeypatch.setenv("TALLYSTICK_WORD", "seven")
    monkeypatch.setenv("TALLYSTICK_EMPTY", "")
    return Environment()


def test_a_password_comes_from_its_file_and_is_never_shown(environment: Environment) -> None:
    settings = DatabaseSettings.read(environment)
    assert settings.conninfo == ("postgresql://tallystick_invoices:p%40ss%2Fw%3Ard@localhost:5432/tallystick_invoices")
    assert "ss" not in repr(settings).removeprefix("DatabaseSettings")


def test_a_number_is_read_or_has_its_default(environment: Environment) -> None:
    assert environment.integer("NUMBER") == 7
    assert environment.integer("OTHER_NUMBER", 10) == 10
    assert environment.optional("EMPTY") is None


@pytest.mark.parametrize(
    ("read", "sentence"),
    [
        (lambda environment: environment.text("ABSENT"), "The setting TALLYSTICK_ABSENT is missing."),
        (lambda environment: environment.text("EMPTY"), "The setting TALLYSTICK_EMPTY is missing."),
        (lambda environment: environment.integer("ABSENT"), "The setting TALLYSTICK_ABSENT is missing."),
        (lambda environment: environment.integer("WORD"), "The setting TALLYSTICK_WORD is not a whole number."),
        (lambda environment: environment.path("WORD"), "The setting TALLYSTICK_WORD names a file that is not there."),
    ],
)
def test_what_is_missing_or_wrong_is_named_in_one_sentence_on_exit_2(
    environment: Environment, capsys: pytest.CaptureFixture[str], read: object, sentence: str
) -> None:
    with pytest.raises(SystemExit) as end:
        read_or_exit(read)  # type: ignore[arg-type]  # one of the lambdas above
    assert end.value.code == 2
    assert capsys.readouterr().err == f"{sentence}\n"


@pytest.mark.parametrize("url", ["", "localhost", "amqp://localhost", "amqp://user:secret@localhost", "amqp://user@"])
def test_a_url_without_user_or_with_a_password_in_it_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        with_password(url, "p", "AMQP_URL")
    assert str(refused.value) == "The setting TALLYSTICK_AMQP_URL must be a URL with a user and without a password."
