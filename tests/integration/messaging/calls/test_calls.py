"""Calls to a real process over the real bus: what is answered, what is refused, and what never crosses."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pika
import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.messaging.answers import BrokerUnusable
from shared.messaging.client import RpcClient
from shared.messaging.sealing import Passage, new_reply_key, open_answer
from shared.messaging.serializer import CONTENT_TYPE, SealedBody
from shared.messaging.settings import BusSettings
from tests.integration.messaging.conftest import TENANT, Bus
from tests.integration.messaging.processes import PATIENCE, ServiceProcess, wait_until
from tests.stack import Database, waiting_for_advisory_lock

pytestmark = pytest.mark.integration
CANARY = "canary-7d1f"


def refusal(call: Callable[[], object]) -> PublicError:
    with pytest.raises(PublicError) as caught:
        call()
    return caught.value


def test_a_call_is_answered(client: RpcClient) -> None:
    assert client.call("invoices", "double", {"number": 21}) == {"number": 42}


def test_every_service_tells_whether_it_is_well(client: RpcClient) -> None:
    assert client.call("invoices", "health") == {"service": "invoices", "database": True, "halted": []}


HALT = {"projection": "invoices", "position": 7, "kind": "LookupError", "at": "2026-11-22T09:00:00.000000Z"}


@pytest.fixture
def halted(invoices_database: Database) -> Iterator[None]:
    """A projection stopped at an event of a tenant."""
    with invoices_database.connect_as_admin() as admin:
        admin.execute(
            "INSERT INTO read.halted VALUES"
            " ('invoices', %s, 7, 'LookupError', '2026-11-22T09:00:00Z', 3, '2026-11-22T09:00:04Z')",
            (TENANT,),
        )
        yield
        admin.execute("DELETE FROM read.halted")


@pytest.mark.usefixtures("halted")
def test_whoever_asks_how_a_service_is_learns_what_is_halted_and_not_whose_it_is(client: RpcClient) -> None:
    assert client.call("invoices", "health")["halted"] == [HALT]


@pytest.mark.usefixtures("halted")
def test_the_operator_learns_whose_projection_is_halted_and_nobody_else_does(client: RpcClient, bus: Bus) -> None:
    for permission in sorted(set(Permission) - {Permission.OPERATIONS_READ}):
        assert refusal(lambda: client.call("invoices", "halts", token=bus.token(permission))).code == (  # noqa: B023 - called at once
            ErrorCode.PERMISSION_DENIED
        )
    assert refusal(lambda: client.call("invoices", "halts")).code == ErrorCode.TOKEN_MISSING
    operator = bus.token(Permission.OPERATIONS_READ, kind="service", sub="operator", tenant=None, amr=[], sid="")
    more = {"tenant": TENANT, "attempts": 3, "retry_at": "2026-11-22T09:00:04.000000Z"}
    assert client.call("invoices", "halts", token=operator)["halted"] == [{**HALT, **more}]


def test_a_query_for_people_needs_a_token_with_its_permission(client: RpcClient, bus: Bus) -> None:
    def whose(token: str | None) -> dict[str, Any]:
        return client.call("invoices", "whose", {"number": 1}, token=token)

    allowed = Permission.INVOICE_READ.value
    assert whose(bus.token(allowed))["text"].endswith(f" for {TENANT}")
    assert refusal(lambda: whose(None)).code == ErrorCode.TOKEN_MISSING
    assert refusal(lambda: whose("not a token")).code == ErrorCode.TOKEN_INVALID
    assert (
        refusal(lambda: whose(bus.token(allowed, exp=1_000_000_000, iat=999_999_000))).code == ErrorCode.TOKEN_EXPIRED
    )
    assert refusal(lambda: whose(bus.token(Permission.LOG_READ.value))).code == ErrorCode.PERMISSION_DENIED
    assert refusal(lambda: whose(bus.token(allowed, amr=["pwd"]))).code == ErrorCode.TOKEN_INVALID


def test_a_service_names_the_tenant_that_it_acts_for_and_a_person_cannot(client: RpcClient, bus: Bus) -> None:
    other = "019aa0e5-0000-7000-8000-000000000002"
    allowed = Permission.INVOICE_READ.value
    service = bus.token(allowed, kind="service", sub="notifier", tenant=None, amr=[], sid="")
    assert client.call("invoices", "whose", {"number": 1}, token=service, tenant=other) == {
        "text": f"notifier for {other}"
    }
    unnamed = refusal(lambda: client.call("invoices", "whose", {"number": 1}, token=service))
    assert (unnamed.code, list(unnamed.details)) == (ErrorCode.MALFORMED_REQUEST, ["fields"])
    person = refusal(lambda: client.call("invoices", "whose", {"number": 1}, token=bus.token(allowed), tenant=other))
    assert person.code == ErrorCode.PERMISSION_DENIED


def test_a_command_needs_an_idempotency_key_and_the_same_request_has_the_same_hash(client: RpcClient, bus: Bus) -> None:
    token = bus.token(Permission.INVOICE_ISSUE.value)

    def issue(number: int, key: str | None) -> dict[str, Any]:
        return client.call("invoices", "issue", {"number": number}, token=token, idempotency_key=key)

    assert refusal(lambda: issue(1, None)).code == ErrorCode.IDEMPOTENCY_KEY_MISSING
    assert refusal(lambda: issue(1, "k" * 201)).code == ErrorCode.MALFORMED_REQUEST
    assert issue(1, "a") == issue(1, "b") != issue(2, "a")


def test_a_malformed_request_names_the_fields_and_not_their_values(client: RpcClient) -> None:
    refused = refusal(lambda: client.call("invoices", "double", {"number": CANARY, "colour": CANARY}))
    assert refused.code == ErrorCode.MALFORMED_REQUEST
    assert refused.details == {"fields": {"number": ["Not a valid integer."], "colour": ["Unknown field."]}}


@pytest.mark.parametrize("method", ["nothing", "serve", "app", "__init__"])
def test_what_is_no_endpoint_cannot_be_called(client: RpcClient, method: str) -> None:
    assert refusal(lambda: client.call("invoices", method)).code == ErrorCode.MALFORMED_REQUEST


def test_a_service_that_is_not_there_is_unavailable(client: RpcClient) -> None:
    assert refusal(lambda: client.call("nobody", "double")).code == ErrorCode.SERVICE_UNAVAILABLE
    assert client.call("invoices", "double", {"number": 1}) == {"number": 2}


def test_a_call_that_nobody_hears_says_so_and_leaves_nothing_behind(
    client: RpcClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        assert "auth is not running" in refusal(lambda: client.call("auth", "health")).message
        assert client.call("invoices", "double", {"number": 1}) == {"number": 2}
    assert [record.getMessage() for record in caplog.records if record.name == "amqp"] == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"passwords": {"client": "wrong"}}, "refuses user and password"), ({"name": "elsewhere"}, "refuses user"),
     ({"port": 1}, "No broker is reached at 127.0.0.1:1."), ({"host": "nowhere.invalid"}, "No broker is reached")],
    ids=["password", "virtual host", "port", "host"],
)  # fmt: skip
def test_a_broker_that_cannot_be_used_is_told_from_a_service_that_is_silent(
    bus: Bus, changed: dict[str, Any], said: str
) -> None:
    uri = replace(bus.vhost, **changed).url("client", password=True)
    with RpcClient(BusSettings(uri, bus.published)) as client, pytest.raises(BrokerUnusable) as refused:
        client.call("invoices", "health")
    assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE
    assert said in refused.value.message
    assert "wrong" not in str(refused.value)


def test_a_call_that_takes_too_long_is_given_up(bus: Bus, service: ServiceProcess, invoices_database: Database) -> None:
    with invoices_database.connect_as_admin() as holder, bus.client(timeout=0.5) as impatient:
        holder.execute("SELECT pg_advisory_lock(1)")
        late = refusal(lambda: impatient.call("invoices", "wait_for_lock", {"number": 1}))
        assert late.code == ErrorCode.SERVICE_UNAVAILABLE
        assert "gave no answer in 0.5 seconds" in late.message
    with bus.client() as patient:
        assert patient.call("invoices", "double", {"number": 1}) == {"number": 2}


def test_queries_that_wait_do_not_stop_other_calls(client: RpcClient, bus: Bus, invoices_database: Database) -> None:
    def wait() -> None:
        with bus.client() as waiting:
            answers.append(waiting.call("invoices", "wait_for_lock", {"number": 1}))

    answers: list[dict[str, Any]] = []
    with invoices_database.connect_as_admin() as holder:
        holder.execute("SELECT pg_advisory_lock(1)")
        threads = [threading.Thread(target=wait) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: waiting_for_advisory_lock(holder) == len(threads), "three calls inside the database")
        assert client.call("invoices", "health") == {"service": "invoices", "database": True, "halted": []}
        assert answers == []
        holder.execute("SELECT pg_advisory_unlock(1)")
    for thread in threads:
        thread.join()
    assert answers == [{"number": 1}] * 3


@pytest.mark.parametrize("method", ["fail", "fail_in_database", "answer_nonsense"])
def test_an_error_crosses_the_bus_without_type_text_or_trace(
    bus: Bus, client: RpcClient, service: ServiceProcess, method: str
) -> None:
    answer = raw_answer(bus, f"invoices.{method}", {"args": [], "kwargs": {"request": {"text": CANARY}}})
    code, message, details = answer["error"]["exc_args"]
    assert (code, message) == ("internal_error", "Something went wrong inside the service.")
    assert list(details) == ["incident"]
    assert answer["result"] is None
    sent = json.dumps(answer)
    for word in (CANARY, "Traceback", "ValueError", "psycopg", "RuntimeError", "serve_invoices"):
        assert word not in sent
    [failure] = [line for line in service.logged("call_failed") if line["incident"] == details["incident"]]
    assert any("serve_invoices.py" in place for place in failure["exception"][0]["at"])
    assert CANARY not in service.text()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"args": [], "kwargs": {CANARY: CANARY}},
        {"args": [CANARY], "kwargs": {}},
        {"args": CANARY, "kwargs": CANARY},
        {"args": 1, "kwargs": None},
    ],
)
def test_a_sealed_call_of_the_wrong_shape_is_refused(
    bus: Bus, client: RpcClient, service: ServiceProcess, body: dict[str, object]
) -> None:
    answer = raw_answer(bus, "invoices.double", body)
    assert answer["error"]["exc_args"][0] == "malformed_request"
    assert CANARY not in json.dumps(answer)
    assert CANARY not in service.text()
    assert client.call("invoices", "double", {"number": 1}) == {"number": 2}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (CONTENT_TYPE, CANARY),
        (CONTENT_TYPE, ""),
        (CONTENT_TYPE, '{"key": "k1", "sealed": "AAAA"}'),
        (CONTENT_TYPE, '{"key": "k9", "sealed": "AAAA"}'),
        ("application/json", json.dumps({"args": [], "kwargs": {"request": {"number": 1}}, "x": CANARY})),
        ("application/data", CANARY),
        ("application/text", CANARY),
        ("application/x-python-serialize", CANARY),
        ("no such type", CANARY),
        (None, CANARY),
    ],
)
def test_what_is_not_sealed_is_dropped_and_not_described(
    bus: Bus, client: RpcClient, service: ServiceProcess, content_type: str | None, body: str
) -> None:
    refused_before = len(service.logged("message_refused"))
    connection = bus.vhost.connect()
    connection.channel().basic_publish(
        "nameko-rpc", "invoices.double", body.encode(), pika.BasicProperties(content_type=content_type)
    )
    connection.close()
    service.wait_for("message_refused", refused_before + 1)
    assert client.call("invoices", "double", {"number": 1}) == {"number": 2}
    assert CANARY not in service.text()


@pytest.mark.parametrize("value", [date(2026, 11, 22), "\ud800"], ids=["a date", "half a surrogate pair"])
def test_what_is_not_json_is_said_not_to_be_and_not_to_retry(client: RpcClient, value: object) -> None:
    with pytest.raises(PublicError) as refused:
        client.call("invoices", "double", {"number": value})
    assert refused.value.code is ErrorCode.MALFORMED_REQUEST


def raw_answer(bus: Bus, routing_key: str, body: dict[str, object]) -> dict[str, Any]:
    """Make a call of any shape without any client code, and return the whole answer."""
    key, reply_key = bus.published.of(routing_key.partition(".")[0]), new_reply_key()
    connection = bus.vhost.connect()
    channel = connection.channel()
    replies, reply_to = channel.queue_declare("", exclusive=True).method.queue, str(uuid4())
    channel.queue_bind(replies, "nameko-rpc", reply_to)
    properties = pika.BasicProperties(content_type=CONTENT_TYPE, reply_to=reply_to, correlation_id="1")
    passage = Passage(routing_key, reply_to, "1")
    content = {**body, "reply_key": base64.b64encode(reply_key).decode()}
    sealed = SealedBody(key.id, key.seal(json.dumps(content).encode(), passage.call_binding()))
    channel.basic_publish("nameko-rpc", routing_key, sealed.to_text().encode(), properties)
    try:
        _, _, answer = next(iter(channel.consume(replies, auto_ack=True, inactivity_timeout=PATIENCE)))
        assert answer is not None, "no answer came"
        return open_answer(reply_key, SealedBody.from_text(answer), passage)
    finally:
        connection.close()
