import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.serializer import BodyRefused, BusKeys, BusKeysInvalid

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_is_sealed_opens_again(content: object) -> None:
    keys = BusKeys.parse(f"a {OLD}")
    assert keys.open(keys.seal(content)) == content


def test_a_body_shows_nothing_but_the_id_of_its_key() -> None:
    body = BusKeys.parse(f"a {OLD}").seal({"name": "Müller von der Wiese"})
    assert set(json.loads(body)) == {"key", "sealed"}
    # Long enough not to stand in random bytes, or in their base64, by chance.
    assert "ller von der Wiese" not in body
    assert b"ller von der Wiese" not in base64.b64decode(json.loads(body)["sealed"])


def test_while_a_key_is_rotated_both_open_and_the_first_seals() -> None:
    before, during, after = (BusKeys.parse(text) for text in (f"a {OLD}", f"b {NEW}\na {OLD}\n", f"b {NEW}"))
    assert during.open(before.seal(1)) == 1
    assert after.open(during.seal(2)) == 2
    with pytest.raises(BodyRefused):
        before.open(during.seal(3))


def test_a_body_does_not_open_under_the_name_of_another_key() -> None:
    same = BusKeys.parse(f"a {OLD}\nb {OLD}")
    renamed = json.dumps({**json.loads(same.seal(1)), "key": "b"})
    with pytest.raises(BodyRefused):
        same.open(renamed)


@given(st.data())
def test_an_altered_body_does_not_open(data: st.DataObject) -> None:
    keys = BusKeys.parse(f"a {OLD}")
    outer = json.loads(keys.seal({"n": 1}))
    sealed = bytearray(base64.b64decode(outer["sealed"]))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BodyRefused):
        keys.open(json.dumps({**outer, "sealed": base64.b64encode(bytes(sealed)).decode()}))


@pytest.mark.parametrize("body", ["", "canary", "[]", "null", "{}", '{"key": [], "sealed": 1}', b"\xff", "[" * 100_000])
def test_what_is_not_sealed_is_refused_without_being_quoted(body: str | bytes) -> None:
    with pytest.raises(BodyRefused) as refused:
        BusKeys.parse(f"a {OLD}").open(body)
    assert str(refused.value) == "the body was not sealed under a key of this bus"
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "\n", "a", "a AAAA", f"a {OLD}\na {NEW}", f"a {OLD}x", f"a {OLD}\nb nonsense"])
def test_a_malformed_key_file_is_refused_and_no_key_is_shown(text: str) -> None:
    with pytest.raises(BusKeysInvalid) as refused:
        BusKeys.parse(text)
    assert OLD not in str(refused.value)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bus-key"
    path.write_text(f"a {OLD}\n")
    path.chmod(0o640)
    with pytest.raises(BusKeysInvalid):
        BusKeys.load(path)
    path.chmod(0o600)
    assert BusKeys.load(path).open(BusKeys.parse(f"a {OLD}").seal("x")) == "x"


def test_keys_are_not_in_the_text_of_their_object() -> None:
    keys = BusKeys.parse(f"a {OLD}")
    assert "keys" not in repr(keys).removeprefix("BusKeys")
