import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from marshmallow import Schema, fields
from structlog.testing import capture_logs

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import plain
from shared.contracts.permissions import Permission
from shared.crypto.keyring import KeyShredded
from shared.eventstore.store import IdempotencyConflict, VersionConflict
from shared.kernel.clock import SystemClock
from shared.messaging.access import PUBLIC, Actor
from shared.messaging.command_hash import Asked
from shared.messaging.endpoints import BaseService, Call, Endpoint, Reply, Request, command, query
from tests.unit.messaging.forgetful import ForgetfulPool

PERSON = Actor("person", "u", "019aa0e5-0000-7000-8000-000000000001", plain(["invoice:issue"]), ("pwd",), "s")


class Number(Schema):
    number = fields.Integer(required=True)


class Service(BaseService):
    name = "invoices"

    def __init__(self, work: Callable[[Call], object] = lambda _: None) -> None:
        self.work = work
        self.app: Any = SimpleNamespace(
            access=SimpleNamespace(authenticate=lambda _: PERSON, clock=SystemClock()), pool=ForgetfulPool()
        )

    @query(permission=PUBLIC, request=Number, reply=Number)
    def ask(self, call: Call, request: Request) -> Reply:
        self.work(call)
        return {**request, "secret": "not in the reply's schema"}

    @command(permission=Permission.INVOICE_ISSUE, request=Number, reply=Number)
    def act(self, call: Call, request: Request) -> Reply:
        self.work(call)
        return request


def raising(error: Exception) -> Callable[[Call], object]:
    def work(_: Call) -> object:
        raise error

    return work


def refusal(service: Service) -> PublicError:
    with pytest.raises(PublicError) as refused:
        service.ask(request={"number": 1})
    assert refused.value.__cause__ is None
    return refused.value


def test_a_reply_holds_what_its_schema_names_and_nothing_else() -> None:
    assert Service().ask(request={"number": "1"}) == {"number": 1}


def test_a_public_endpoint_has_no_actor() -> None:
    calls: list[Call] = []
    Service(calls.append).ask(request={"number": 1}, token="whatever")
    assert [(call.actor, call.tenant, call.command) for call in calls] == [(None, None, None)]


def test_an_endpoint_says_what_it_needs() -> None:
    endpoint: Endpoint = Service.act.endpoint  # type: ignore[attr-defined]  # set by the decorator
    assert (endpoint.kind, endpoint.permission) == ("command", Permission.INVOICE_ISSUE)


def test_a_command_knows_itself_by_key_and_by_what_was_asked_by_whom() -> None:
    calls: list[Call] = []
    Service(calls.append).act(request={"number": 1}, token="t", idempotency_key="k")
    assert calls[0].require_command().key == "k"
    assert calls[0].require_command().by == PERSON.author
    asked = Asked("invoices", "act", PERSON.tenant, {"number": 1}, "u")
    assert calls[0].require_command().request_hash == asked.request_hash()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PublicError(ErrorCode.INVOICE_UNKNOWN, "There is no such invoice."), ErrorCode.INVOICE_UNKNOWN),
        (VersionConflict("invoice-1", 1, 2), ErrorCode.CONCURRENT_CHANGE),
        (IdempotencyConflict(), ErrorCode.IDEMPOTENCY_CONFLICT),
        (KeyShredded("key"), ErrorCode.KEY_SHREDDED),
        (psycopg.OperationalError("canary"), ErrorCode.SERVICE_UNAVAILABLE),
        (psycopg.errors.UniqueViolation("canary"), ErrorCode.INTERNAL_ERROR),
        (ValueError("canary"), ErrorCode.INTERNAL_ERROR),
    ],
)
def test_every_error_leaves_as_a_public_one(error: Exception, code: ErrorCode) -> None:
    refused = refusal(Service(raising(error)))
    assert refused.code == code
    assert "canary" not in repr(refused)


def test_what_went_wrong_inside_is_found_in_the_log_by_its_incident() -> None:
    with capture_logs() as logs:
        refused = refusal(Service(raising(ValueError("canary"))))
    assert [line["incident"] for line in logs] == [refused.details["incident"]]


@pytest.mark.parametrize("name", ["\ud800", "x" * 1_000_000])
def test_a_field_name_that_no_message_could_carry_is_refused_like_any_other(name: str) -> None:
    with pytest.raises(PublicError) as refused:
        Service().ask(request={"number": 1, name: 1})
    assert refused.value.code == ErrorCode.MALFORMED_REQUEST
    assert len(json.dumps(refused.value.details, ensure_ascii=False).encode()) < 1000


@pytest.mark.parametrize("request_", [None, {}, [], "x", {"number": "x"}, {"number": 1, "more": 1}])
def test_a_malformed_request_is_refused(request_: object) -> None:
    with pytest.raises(PublicError) as refused:
        Service().ask(request=request_)
    assert refused.value.code == ErrorCode.MALFORMED_REQUEST
