"""What a sealed message is bound to: it opens for its reader, in its place, and nowhere else."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.secrets import make_bus_keys
from shared.crypto.hpke import OpeningKey
from shared.messaging.bus_keys import CallKeys, EventKeys, PublishedCallKeys
from shared.messaging.sealing import (
    NotJson,
    Passage,
    new_reply_key,
    open_answer,
    open_call,
    open_event,
    seal_answer,
    seal_call,
    seal_event,
)
from shared.messaging.serializer import BodyRefused, SealedBody

PASSAGE = Passage("invoices.issue_invoice", "01234567-89ab-4cde-8f01-23456789abcd", "call-1")
ELSEWHERE = [
    replace(PASSAGE, routing_key="invoices.get_invoice"),
    replace(PASSAGE, reply_to="01234567-89ab-4cde-8f01-23456789abce"),
    replace(PASSAGE, call_id="call-2"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
    max_leaves=8,
)
ARGUMENTS = st.dictionaries(st.text("abc", min_size=1, max_size=5), JSON, max_size=4)


@dataclass(frozen=True)
class Keys:
    published: PublishedCallKeys
    calls: Callable[[str], CallKeys]
    events: EventKeys


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    directory: Path = tmp_path_factory.mktemp("keys")
    make_bus_keys(directory)
    return Keys(
        PublishedCallKeys(directory / "call-keys.json"),
        lambda service: CallKeys(directory / f"call-key-{service}"),
        EventKeys(directory / "event-keys-invoices-notifier"),
    )


@given(arguments=ARGUMENTS, answer=ARGUMENTS)
def test_a_call_opens_for_the_called_service_and_the_answer_for_the_caller(
    keys: Keys, arguments: dict[str, Any], answer: dict[str, Any]
) -> None:
    reply_key = new_reply_key()
    opened = open_call(
        keys.calls("invoices"), seal_call(keys.published.of("invoices"), PASSAGE, arguments, reply_key), PASSAGE
    )
    assert opened.call == {"args": [], "kwargs": arguments}
    assert open_answer(reply_key, seal_answer(opened.reply_key, PASSAGE, answer), PASSAGE) == answer


def test_a_call_does_not_open_for_another_service(keys: Keys) -> None:
    body = seal_call(keys.published.of("invoices"), PASSAGE, {}, new_reply_key())
    others = keys.calls("notifier")
    for read in (body, SealedBody(others.current.public.id, body.sealed)):  # also under the other's own name
        with pytest.raises(BodyRefused):
            open_call(others, read, PASSAGE)


@pytest.mark.parametrize("elsewhere", ELSEWHERE, ids=["another method", "another reader", "another call"])
def test_a_call_and_its_answer_do_not_open_elsewhere(keys: Keys, elsewhere: Passage) -> None:
    reply_key = new_reply_key()
    call = seal_call(keys.published.of("invoices"), PASSAGE, {}, reply_key)
    with pytest.raises(BodyRefused):
        open_call(keys.calls("invoices"), call, elsewhere)
    if (elsewhere.reply_to, elsewhere.call_id) != (PASSAGE.reply_to, PASSAGE.call_id):
        with pytest.raises(BodyRefused):
            open_answer(reply_key, seal_answer(reply_key, PASSAGE, {}), elsewhere)


def test_an_answer_does_not_open_under_the_key_of_another_call(keys: Keys) -> None:
    with pytest.raises(BodyRefused):
        open_answer(new_reply_key(), seal_answer(new_reply_key(), PASSAGE, {}), PASSAGE)


def test_an_event_opens_as_itself_and_as_nothing_else(keys: Keys) -> None:
    body = seal_event(keys.events, "invoices", "InvoiceIssued", "1", {"id": "1"})
    assert open_event(keys.events, body, "invoices", "InvoiceIssued", "1") == {"id": "1"}
    for source, kind, event_id in (
        ("auth", "InvoiceIssued", "1"),
        ("invoices", "SubjectShredded", "1"),
        ("invoices", "InvoiceIssued", "2"),
    ):
        with pytest.raises(BodyRefused):
            open_event(keys.events, body, source, kind, event_id)


@given(data=st.data())
def test_a_changed_byte_is_refused(keys: Keys, data: st.DataObject) -> None:
    reply_key, private = new_reply_key(), keys.calls("invoices")
    call = seal_call(keys.published.of("invoices"), PASSAGE, {"n": 1}, reply_key)
    answer = seal_answer(reply_key, PASSAGE, {"n": 1})
    event = seal_event(keys.events, "invoices", "InvoiceIssued", "1", {"n": 1})
    opens: list[tuple[SealedBody, Callable[[SealedBody], object]]] = [
        (call, lambda body: open_call(private, body, PASSAGE)),
        (answer, lambda body: open_answer(reply_key, body, PASSAGE)),
        (event, lambda body: open_event(keys.events, body, "invoices", "InvoiceIssued", "1")),
    ]
    for body, opened in opens:
        changed = bytearray(body.sealed)
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
        with pytest.raises(BodyRefused) as refused:
            opened(replace(body, sealed=bytes(changed)))
        assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        json.dumps({"args": [], "kwargs": {}, "reply_key": 7}).encode(),
        json.dumps({"args": [], "kwargs": {}, "reply_key": "canary"}).encode(),
        json.dumps({"args": [], "kwargs": {}, "reply_key": base64.b64encode(bytes(31)).decode()}).encode(),
    ],
)
def test_whatever_anybody_seals_is_refused_and_not_described(keys: Keys, plaintext: bytes) -> None:
    to = keys.published.of("invoices")
    body = SealedBody(to.id, to.seal(plaintext, PASSAGE.call_binding()))
    with pytest.raises(BodyRefused) as refused:
        open_call(keys.calls("invoices"), body, PASSAGE)
    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("content", [{"a": float("nan")}, {"a": b""}, {"a": "\ud800"}, {"a": object()}])
def test_what_is_not_json_is_not_sealed(content: dict[str, Any]) -> None:
    with pytest.raises(NotJson):
        seal_answer(new_reply_key(), PASSAGE, content)


def test_no_two_places_are_bound_alike() -> None:
    shifted = replace(PASSAGE, reply_to=f'{PASSAGE.reply_to}","{PASSAGE.call_id}', call_id="")
    assert shifted.call_binding() != PASSAGE.call_binding()
    assert PASSAGE.call_binding() != PASSAGE.answer_binding()


def test_no_key_is_in_the_text_of_its_object(keys: Keys) -> None:
    reply_key, private = new_reply_key(), OpeningKey.generate()
    opened = open_call(
        keys.calls("invoices"), seal_call(keys.published.of("invoices"), PASSAGE, {}, reply_key), PASSAGE
    )
    assert str(reply_key) not in repr(opened)
    assert str(private.raw) not in repr(private)
