"""A key for each end of the bus: who overhears, reroutes, replays, changes or answers for others gets nothing.

What is overheard here is more than the broker lets anybody hear: these tests listen with the administrator's rights.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from deploy.local.secrets import SERVICES
from shared.contracts.events import PublishedEvent
from shared.contracts.permissions import Permission
from shared.crypto.envelope import SealBroken, open_sealed
from shared.crypto.hpke import OpeningKey
from shared.kernel.ids import new_id
from shared.messaging.bus_keys import KeyNotHeld
from shared.messaging.client import RpcClient
from shared.messaging.sealing import (
    Passage,
    event_binding,
    new_reply_key,
    open_answer,
    open_call,
    open_event,
    seal_answer,
    seal_call,
    seal_event,
)
from shared.messaging.serializer import CONTENT_TYPE, BodyRefused, SealedBody
from shared.messaging.settings import BusSettings
from shared.messaging.topology import all_event_ends
from tests.integration.messaging.conftest import TENANT, Bus
from tests.integration.messaging.overhearing import QUEUE, Overheard, overhear, say_again
from tests.integration.messaging.processes import Processes, ServiceProcess, wait_until
from tests.integration.messaging.test_events import append, inbox_ids, received, relay_of, subscribe
from tests.stack import Database, waiting_for_advisory_lock

pytestmark = pytest.mark.integration
CANARY = "canary-4c1e"
DEAD = "dead-notifier"


@pytest.fixture
def administrator(bus: Bus) -> Iterator[BlockingChannel]:
    """A channel of whoever may do everything at the broker."""
    connection = bus.vhost.connect()
    yield connection.channel()
    connection.close()


def refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (BodyRefused, SealBroken):
        return True
    return False


def test_what_the_broker_sees_of_a_call_is_sealed(bus: Bus, client: RpcClient, administrator: BlockingChannel) -> None:
    token = bus.token(Permission.INVOICE_READ.value)
    call = partial(client.call, "invoices", "whose", {"number": 1}, token=token)
    for message in overhear(bus, administrator, "nameko-rpc", call):
        assert message.properties.content_type == CONTENT_TYPE
        assert token.encode() not in message.body.sealed
        assert TENANT.encode() not in message.body.sealed
        assert token not in str(message.properties.headers)


def test_an_answer_goes_to_nobody_but_a_caller(bus: Bus, client: RpcClient, service: ServiceProcess) -> None:
    refused_before = len(service.logged("answer_not_addressed"))
    connection = bus.vhost.connect()
    for place in ("invoices.double", "#", ""):
        passage = Passage("invoices.double", place, "1")
        call = {"request": {"number": 1}}
        body = seal_call(bus.published.of("invoices"), passage, call, new_reply_key()).to_text().encode()
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, reply_to=place, correlation_id="1")
        connection.channel().basic_publish("nameko-rpc", "invoices.double", body, properties)
    connection.close()
    service.wait_for("answer_not_addressed", refused_before + 3)
    assert client.call("invoices", "double", {"number": 1}) == {"number": 2}


def test_who_holds_a_clients_settings_reads_no_call_no_answer_and_no_event(
    bus: Bus, client: RpcClient, administrator: BlockingChannel, invoices_database: Database
) -> None:
    call, answer = overhear(
        bus, administrator, "nameko-rpc", lambda: client.call("invoices", "echo", {"text": CANARY}, token=CANARY)
    )
    with closing(relay_of(bus, invoices_database)) as relay:
        subscribe(bus)
        append(invoices_database, new_id(), "DocumentArchived")
        [event] = overhear(bus, administrator, "invoices.events", relay.run_once)
    event_id = str(event.properties.message_id)
    # All that a client holds besides its password: public keys, and the keys of the answers to its own calls.
    for key in (new_reply_key(), *(bus.published.of(name).raw for name in SERVICES)):
        assert refused(lambda: OpeningKey(key).open(call.body.sealed, call.passage.call_binding()))  # noqa: B023 - called at once
        assert refused(lambda: open_sealed(key, answer.body.sealed, call.passage.answer_binding()))  # noqa: B023 - as above
        binding = event_binding("invoices", "DocumentArchived", event_id)
        assert refused(lambda: open_sealed(key, event.body.sealed, binding))  # noqa: B023 - as above
    for message in (call, answer, event):
        assert CANARY.encode() not in message.body.sealed
    # The bindings are the right ones: with its own keys the service reads both.
    opened = open_call(bus.keys("invoices").calls, call.body, call.passage)
    assert opened.call["kwargs"]["request"] == {"text": CANARY}
    assert open_answer(opened.reply_key, answer.body, call.passage)["result"] == {"text": CANARY}
    shared = bus.keys("notifier").between("invoices", "notifier")
    assert open_event(shared, event.body, "invoices", "DocumentArchived", event_id)


@pytest.mark.parametrize("thief", ["auth", "notifier", "backup"])
def test_a_service_reads_no_call_to_another(
    bus: Bus, client: RpcClient, administrator: BlockingChannel, thief: str
) -> None:
    call, _ = overhear(bus, administrator, "nameko-rpc", lambda: client.call("invoices", "echo", {"text": CANARY}))
    held = bus.keys(thief).calls
    for body in (call.body, replace(call.body, key=held.current.public.id)):
        assert refused(lambda: open_call(held, body, call.passage))  # noqa: B023 - called at once


def test_nobody_but_source_and_subscriber_holds_a_key_of_events(bus: Bus) -> None:
    for source, subscriber in all_event_ends():
        for service in SERVICES:
            if service not in {source, subscriber}:
                with pytest.raises(KeyNotHeld):
                    bus.keys(service).between(source, subscriber)


@pytest.mark.parametrize(
    "changes",
    [
        {"reply_to": str(uuid4())},
        {"correlation_id": "another"},
        {"routing_key": "invoices.double"},
        {"body": lambda body: replace(body, sealed=bytes([body.sealed[0] ^ 1]) + body.sealed[1:])},
        {"body": lambda body: replace(body, sealed=body.sealed[:-1] + bytes([body.sealed[-1] ^ 1]))},
        {"body": lambda body: replace(body, key="0123456789abcdef")},
    ],
    ids=[
        "answered to somebody else",
        "as another call",
        "to another method",
        "a byte of the key changed",
        "a byte of the content changed",
        "another key named",
    ],
)
def test_what_was_overheard_is_refused_in_any_other_place_and_when_it_is_changed(
    bus: Bus, client: RpcClient, service: ServiceProcess, administrator: BlockingChannel, changes: dict[str, Any]
) -> None:
    call, _ = overhear(bus, administrator, "nameko-rpc", lambda: client.call("invoices", "echo", {"text": CANARY}))
    refused_before = len(service.logged("message_refused"))
    changed = {name: change(call.body) if callable(change) else change for name, change in changes.items()}
    say_again(administrator, call, **changed)
    service.wait_for("message_refused", refused_before + 1)
    assert CANARY not in service.text()
    assert client.call("invoices", "double", {"number": 1}) == {"number": 2}


def test_what_is_said_again_in_its_own_place_is_answered_to_its_caller_alone(
    bus: Bus, client: RpcClient, administrator: BlockingChannel
) -> None:
    call, _ = overhear(bus, administrator, "nameko-rpc", lambda: client.call("invoices", "echo", {"text": CANARY}))
    reply_key = open_call(bus.keys("invoices").calls, call.body, call.passage).reply_key
    _, again = overhear(bus, administrator, "nameko-rpc", lambda: say_again(administrator, call))
    assert again.routing_key == call.passage.reply_to
    assert open_answer(reply_key, again.body, call.passage)["result"] == {"text": CANARY}
    assert client.call("invoices", "double", {"number": 1}) == {"number": 2}


def test_nobody_answers_in_the_place_of_the_called_service(
    bus: Bus, client: RpcClient, administrator: BlockingChannel, invoices_database: Database
) -> None:
    administrator.queue_declare(QUEUE, durable=True)
    administrator.queue_bind(QUEUE, "nameko-rpc", "#")
    answers: list[dict[str, Any]] = []
    with invoices_database.connect_as_admin() as holder:
        holder.execute("SELECT pg_advisory_lock(1)")
        thread = threading.Thread(
            target=lambda: answers.append(client.call("invoices", "wait_for_lock", {"number": 1}))
        )
        thread.start()
        wait_until(lambda: waiting_for_advisory_lock(holder) == 1, "the call inside the database")
        method, properties, body = administrator.basic_get(QUEUE, auto_ack=True)
        administrator.queue_delete(QUEUE)
        assert method is not None
        assert properties is not None
        assert body is not None
        call = Overheard(method.routing_key, properties, SealedBody.from_text(body))
        forged = seal_answer(new_reply_key(), call.passage, {"result": {"number": 666}, "error": None})
        for answer in (forged.to_text().encode(), call.body.to_text().encode(), b"nonsense"):
            back = pika.BasicProperties(content_type=CONTENT_TYPE, correlation_id=call.passage.call_id)
            administrator.basic_publish("nameko-rpc", call.passage.reply_to, answer, back)
        holder.execute("SELECT pg_advisory_unlock(1)")
    thread.join()
    assert answers == [{"number": 1}]


def test_an_event_that_its_source_did_not_publish_as_this_one_is_not_recorded(
    bus: Bus, administrator: BlockingChannel, processes: Processes, database: Callable[[str], Database]
) -> None:
    notifier_database = database("notifier")
    subscriber = processes.start("serve_notifier", bus.environment("notifier", notifier_database))
    subscriber.wait_for("serving")
    event_id = new_id()
    event = PublishedEvent("invoices", event_id, "DocumentArchived", new_id(), "invoice-1", 1, 0, "now").to_body()
    own, other = (bus.keys("invoices").between("invoices", reader) for reader in ("notifier", "auth"))
    sealed = seal_event(own, "invoices", "DocumentArchived", event_id, event)
    attempts = [
        (new_id(), sealed),  # a good one under another id
        (event_id, seal_event(own, "invoices", "SubjectShredded", event_id, event)),
        (event_id, seal_event(other, "invoices", "DocumentArchived", event_id, event)),
        (event_id, replace(sealed, sealed=sealed.sealed[:-1] + bytes([sealed.sealed[-1] ^ 1]))),
    ]

    def publish(message_id: str, body: SealedBody) -> None:
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, message_id=message_id)
        administrator.basic_publish("invoices.events", "DocumentArchived", body.to_text().encode(), properties)

    for attempt in attempts:
        publish(*attempt)
    wait_until(lambda: bus.vhost.depth(DEAD) == len(attempts), "all of them among the dead letters")
    publish(event_id, sealed)
    with notifier_database.connect_as_admin() as admin:
        wait_until(lambda: inbox_ids(admin) == [event_id], "the good one in the inbox")
    assert bus.vhost.depth(DEAD) == len(attempts)


def test_keys_are_renewed_while_calls_and_events_are_on_their_way(
    bus: Bus, client: RpcClient, service: ServiceProcess, administrator: BlockingChannel, invoices_database: Database
) -> None:
    stale = bus.published_now()
    with RpcClient(BusSettings(bus.vhost.url("client", password=True), stale)) as late:
        administrator.queue_delete("listening")  # with what other tests published
        subscribe(bus)
        [first] = append(invoices_database, new_id(), "DocumentArchived")
        with closing(relay_of(bus, invoices_database)) as relay:
            wait_until(lambda: relay.run_once() > 0, "the event is published")
            bus.add_keys("invoices")
            assert client.call("invoices", "double", {"number": 1}) == {"number": 2}
            assert late.call("invoices", "double", {"number": 2}) == {"number": 4}
            [second] = append(invoices_database, new_id(), "DocumentArchived")
            wait_until(lambda: relay.run_once() > 0, "the event is published")
        assert [event.id for event in received(bus)] == [first, second]  # one under each key
    bus.drop_old_keys("invoices")
    assert client.call("invoices", "double", {"number": 3}) == {"number": 6}
    refused_before = len(service.logged("message_refused"))
    passage = Passage("invoices.double", str(uuid4()), "1")
    old = seal_call(stale.of("invoices"), passage, {"request": {"number": 1}}, new_reply_key())
    properties = pika.BasicProperties(content_type=CONTENT_TYPE, reply_to=passage.reply_to, correlation_id="1")
    administrator.basic_publish("nameko-rpc", passage.routing_key, old.to_text().encode(), properties)
    service.wait_for("message_refused", refused_before + 1)
