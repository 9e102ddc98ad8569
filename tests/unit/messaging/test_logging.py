import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from shared.observability.logging import configure, redact


@contextmanager
def configured() -> Iterator[None]:
    """As in a service; afterwards as before. No fixture: in a test, standard error is another one than before it."""
    root = logging.getLogger()
    before = list(root.handlers), root.level, sys.excepthook, logging.raiseExceptions
    configure("invoices")
    try:
        yield
    finally:
        root.handlers[:], level, sys.excepthook, logging.raiseExceptions = before
        root.setLevel(level)
        structlog.reset_defaults()


def fail(text: str) -> None:
    try:
        dict[str, str]()[text]
    except KeyError as cause:
        raise ValueError(text) from cause


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    "name", ["password", "token", "otp_code", "payload", "email", "iban", "customer_name", "Authorization", "dsn"]
)
def test_what_is_secret_or_personal_by_its_name_is_replaced_at_any_depth(name: str) -> None:
    event = redact(None, "info", {name: "canary", "list": [{name: "canary"}], "outer": {name: {"x": "canary"}}})
    assert "canary" not in str(event)


def test_what_identifies_an_event_stays() -> None:
    event = {"event": "published", "tenant": "t", "position": 7, "error_code": "invoice_unknown"}
    assert redact(None, "info", dict(event)) == event


def test_an_error_is_logged_by_type_and_place_and_not_by_text(capsys: pytest.CaptureFixture[str]) -> None:
    with configured():
        try:
            fail("canary")
        except ValueError:
            structlog.get_logger("x").exception("failed", position=7)
    [line] = lines(capsys)
    chain = line["exception"]
    assert isinstance(chain, list)
    assert [error["type"] for error in chain] == ["builtins.ValueError", "builtins.KeyError"]
    assert "test_logging.py" in str(chain[0]["at"])
    assert (line["event"], line["service"], line["position"]) == ("failed", "invoices", 7)
    assert "canary" not in str(line)


def test_a_librarys_message_does_not_carry_the_text_of_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with configured():
        logging.getLogger("kombu").warning("lost: %s", ValueError("canary"), exc_info=ValueError("canary"))
        logging.getLogger("nameko.containers").error("error handling worker: %s", "canary")
        logging.getLogger("nameko").info("body: %s", "canary")
    [line] = lines(capsys)
    assert line["event"] == "lost: ValueError"
    assert "canary" not in str(line)


def test_a_library_that_nobody_thought_of_says_nothing_below_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    with configured():
        logging.getLogger("fontTools.subset").info("Glyph names: %s", ["A", "Lslash"])
        logging.getLogger("services.invoices").info("said")
    assert [line["event"] for line in lines(capsys)] == ["said"]


def test_an_error_that_ends_the_process_is_logged_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError("canary")
    with configured():
        sys.excepthook(ValueError, error, None)
    [line] = lines(capsys)
    assert line["event"] == "uncaught_error"
    assert "canary" not in str(line)
