import base64
import json
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from shared.crypto.hpke import OpeningKey
from shared.crypto.private_files import KeyFileRefused, replace_private_file, write_private_file
from shared.crypto.tokens import KeySetInvalid
from shared.messaging.bus_keys import CallKeys, EventKeys, KeyNotHeld, PublishedCallKeys, published_set

OLD, NEW = (bytes([number]) * 32 for number in (1, 2))


def lines(*keys: bytes) -> bytes:
    return b"".join(base64.b64encode(key) + b"\n" for key in keys)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    write_private_file(path, lines(OLD))
    return path


def test_a_key_that_is_added_is_current_at_once_and_the_old_one_is_still_held(path: Path) -> None:
    calls, events = CallKeys(path), EventKeys(path)
    old_call, (old_event, _) = calls.current.public.id, events.current
    replace_private_file(path, lines(NEW, OLD))
    assert calls.current.raw == NEW
    assert calls.by_id(old_call).raw == OLD
    assert events.current[1] == NEW
    assert events.by_id(old_event) == OLD


@pytest.mark.parametrize("keys", [CallKeys, EventKeys])
def test_a_key_that_is_not_held_is_named_by_its_id_alone(path: Path, keys: type[CallKeys] | type[EventKeys]) -> None:
    with pytest.raises(KeyNotHeld, match="no key abc is held here"):
        keys(path).by_id("abc")


@pytest.mark.parametrize("keys", [CallKeys, EventKeys])
@pytest.mark.parametrize("content", [b"", b"nonsense", b"AAAA\n", lines(OLD) + b"AAAA\n"])
def test_a_malformed_file_is_refused_and_no_key_is_shown(
    tmp_path: Path, keys: type[CallKeys] | type[EventKeys], content: bytes
) -> None:
    write_private_file(tmp_path / "bad", content)
    with pytest.raises(KeyFileRefused) as refused:
        keys(tmp_path / "bad")
    assert base64.b64encode(OLD).decode() not in str(refused.value)


def test_a_file_that_others_can_read_is_refused(path: Path) -> None:
    path.chmod(0o640)
    for keys in (CallKeys, EventKeys):
        with pytest.raises(KeyFileRefused):
            keys(path)


def test_a_file_that_became_unusable_is_said_and_what_it_held_goes_on_counting(path: Path) -> None:
    calls = CallKeys(path)
    replace_private_file(path, b"nonsense")
    with structlog.testing.capture_logs() as logged:
        assert calls.current.raw == OLD
    path.unlink()
    assert calls.current.raw == OLD
    assert [(line["event"], line["file"]) for line in logged] == [("key_file_unusable", "key")]


def test_what_is_published_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "call-keys.json"
    old, new = OpeningKey(OLD).public, OpeningKey(NEW).public
    path.write_text(published_set({"auth": old}))
    published = PublishedCallKeys(path)
    assert published.of("auth") == old
    with pytest.raises(KeyNotHeld):
        published.of("invoices")
    path.write_text(published_set({"auth": new, "invoices": old}))
    assert (published.of("auth"), published.of("invoices")) == (new, old)


GOOD = json.loads(published_set({"auth": OpeningKey(OLD).public}))["keys"][0]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        {"keys": []},
        {"keys": [GOOD, GOOD]},
        {"keys": [{**GOOD, "kid": 7}]},
        {"keys": [{**GOOD, "crv": "Ed25519"}]},
        {"keys": [{**GOOD, "kty": "EC"}]},
        {"keys": [{**GOOD, "x": "AAAA"}]},
        {"keys": [{**GOOD, "x": None}]},
        {"keys": [{**GOOD, "d": GOOD["x"]}]},
        {"keys": ["auth"]},
    ],
)
def test_what_is_no_set_of_public_keys_is_refused(tmp_path: Path, document: Any) -> None:  # noqa: ANN401 - any JSON
    path = tmp_path / "call-keys.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(KeySetInvalid):
        PublishedCallKeys(path)
