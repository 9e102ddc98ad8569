import json

import pytest
from kombu.connection import Connection
from kombu.exceptions import EncodeError
from kombu.serialization import dumps, loads
from kombu.transport import pyamqp

from shared.messaging.serializer import (
    CONTENT_ENCODING,
    CONTENT_TYPE,
    NAME,
    BodyRefused,
    SealedBody,
    kombu_uri,
    register,
)


def test_a_sealed_body_travels_and_shows_the_name_of_its_key_and_nothing_else() -> None:
    register()
    body = SealedBody("a", bytes(range(256)))
    content_type, encoding, text = dumps(body, NAME)  # type: ignore[no-untyped-call]  # kombu
    assert (content_type, encoding) == (CONTENT_TYPE, CONTENT_ENCODING)
    assert set(json.loads(text)) == {"key", "sealed"}
    assert loads(text, content_type, encoding, accept=[CONTENT_TYPE]) == body  # type: ignore[no-untyped-call]  # kombu


@pytest.mark.parametrize("content", [{"args": [], "kwargs": {}}, "text", None, b"bytes"])
def test_nothing_leaves_that_is_not_sealed(content: object) -> None:
    register()
    with pytest.raises(EncodeError):
        dumps(content, NAME)  # type: ignore[no-untyped-call]  # kombu


@pytest.mark.parametrize(
    "body",
    [
        "",
        "canary",
        "[]",
        "null",
        "{}",
        '{"key": [], "sealed": "AAAA"}',
        '{"key": "a", "sealed": 1}',
        '{"key": "a", "sealed": "canary!"}',
        b"\xff",
        "[" * 100_000,
    ],
)
def test_what_is_not_sealed_is_refused_without_being_quoted(body: str | bytes) -> None:
    with pytest.raises(BodyRefused) as refused:
        SealedBody.from_text(body)
    assert str(refused.value) == "the body is not a sealed one"
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("scheme", ["amqp", "amqps"])
def test_kombu_is_left_no_choice_of_library(scheme: str) -> None:
    connection = Connection(kombu_uri(f"{scheme}://ada:secret@broker.example:5671/tallystick"))  # type: ignore[no-untyped-call]  # kombu publishes no types
    assert isinstance(connection.transport, pyamqp.Transport)
    assert connection.transport_cls != "amqp"  # which has it look for another library, each time
    assert (connection.hostname, connection.virtual_host) == ("broker.example", "tallystick")
