"""Messages on the bus are what docs/formats.md says: made once by another program, read here."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from shared.crypto.hpke import OpeningKey
from shared.crypto.private_files import write_private_file
from shared.messaging.bus_keys import CallKeys, EventKeys, PublishedCallKeys, published_set
from shared.messaging.sealing import Passage, event_binding, open_answer, open_call, open_event
from shared.messaging.serializer import BodyRefused, SealedBody

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "bus_message.json").read_text("utf-8"))
PASSAGE = Passage(**VECTORS["passage"])
CALL, ANSWER, EVENT = (VECTORS[name] for name in ("call", "answer", "event"))


def key_file(directory: Path, key: str) -> Path:
    write_private_file(directory / "key", base64.b64encode(bytes.fromhex(key)))
    return directory / "key"


def test_a_call_is_read(tmp_path: Path) -> None:
    keys = CallKeys(key_file(tmp_path, CALL["private"]))
    opened = open_call(keys, SealedBody.from_text(CALL["body"]), PASSAGE)
    assert opened.call == {"args": [], "kwargs": CALL["arguments"]}
    assert opened.reply_key.hex() == CALL["reply_key"]
    assert PASSAGE.call_binding() == CALL["info"].encode()


def test_its_answer_is_read() -> None:
    body = SealedBody.from_text(ANSWER["body"])
    assert open_answer(bytes.fromhex(CALL["reply_key"]), body, PASSAGE) == ANSWER["answer"]
    assert PASSAGE.answer_binding() == ANSWER["aad"].encode()


def test_an_event_is_read(tmp_path: Path) -> None:
    keys, where = EventKeys(key_file(tmp_path, EVENT["key"])), (EVENT["source"], EVENT["type"], EVENT["id"])
    assert open_event(keys, SealedBody.from_text(EVENT["body"]), *where) == EVENT["event"]
    assert event_binding(*where) == EVENT["aad"].encode()


def test_a_published_set_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "call-keys.json"
    path.write_text(json.dumps(VECTORS["published"]))
    public = PublishedCallKeys(path).of("invoices")
    assert public == OpeningKey(bytes.fromhex(CALL["private"])).public
    assert public.raw.hex() == CALL["public"]
    assert json.loads(published_set({"invoices": public})) == VECTORS["published"]


def test_no_byte_of_a_call_can_be_changed(tmp_path: Path) -> None:
    keys, body = CallKeys(key_file(tmp_path, CALL["private"])), SealedBody.from_text(CALL["body"])
    for place in range(len(body.sealed)):
        changed = bytearray(body.sealed)
        changed[place] ^= 0x80  # in a key's last byte X25519 ignores it (RFC 7748 section 5), HPKE does not
        with pytest.raises(BodyRefused):
            open_call(keys, SealedBody(body.key, bytes(changed)), PASSAGE)
