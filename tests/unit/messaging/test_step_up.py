"""A sensitive call needs a proof for exactly this call, by this person, in this session."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import plain
from shared.contracts.permissions import Permission
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import issue_token
from shared.kernel.clock import FixedClock
from shared.messaging.access import AUDIENCE, ISSUER, OWN, Access, Actor
from shared.messaging.command_hash import Asked
from shared.messaging.endpoints import BaseService, Call, Reply, Request, command
from shared.messaging.revocations import NothingRevoked, RevocationCheck
from shared.messaging.step_up import STEP_UP_AUDIENCE, StepUp
from tests.unit.messaging.forgetful import ForgetfulPool

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TENANT = "019aa0e5-0000-7000-8000-000000000001"
ADA = Actor("person", "ada", TENANT, plain(["invoice:issue"]), ("pwd", "otp"), "session-1")
KEY = SigningKey.generate()
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Number(Schema):
    number = fields.Integer(required=True)


@dataclass
class KnownKeys(Access):
    """Access with keys in memory, for which every token is the same person's."""

    keys_file: Path = Path("unused")
    revocations: RevocationCheck = field(default_factory=NothingRevoked)
    caller: Actor = ADA

    def authenticate(self, token: object) -> Actor:  # noqa: ARG002 -- as said
        return self.caller

    def _current_keys(self) -> Any:  # noqa: ANN401 -- a KeySet or what stands for it
        return {"t1": KEY.public}


@dataclass
class Desk(BaseService):
    """A service whose callers are who the test says."""

    name = "invoices"
    actor: Actor = ADA
    done: list[int] = field(default_factory=list)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))

    @property
    def app(self) -> Any:  # type: ignore[override]  # noqa: ANN401 -- stands for a composition root
        return SimpleNamespace(access=KnownKeys(clock=self.clock, caller=self.actor), pool=ForgetfulPool())

    @command(permission=Permission.INVOICE_ISSUE, request=Number, reply=Number, step_up=StepUp.ALWAYS)
    def act(self, call: Call, request: Request) -> Reply:  # noqa: ARG002 -- who calls does not matter here
        self.done.append(request["number"])
        return request

    @command(permission=Permission.INVOICE_ISSUE, request=Number, reply=Number, step_up=StepUp.WHERE_ASKED)
    def act_on_large(self, call: Call, request: Request) -> Reply:
        if request["number"] > 100:
            call.require_step_up()
        self.done.append(request["number"])
        return request

    @command(permission=OWN, request=Number, reply=Number)
    def own(self, call: Call, request: Request) -> Reply:  # noqa: ARG002 -- as above
        return request


def proof(method: str = "act", number: int = 1, key: str = "k", actor: Actor = ADA, **changes: object) -> str:
    """What auth signs for a call of Ada's; `changes` overrides claims."""
    return issue_token(claims(method, number, key, actor) | changes, KEY, "t1")


def claims(method: str = "act", number: int = 1, key: str = "k", actor: Actor = ADA) -> dict[str, object]:
    asked = Asked("invoices", method, actor.tenant, {"number": number}, actor.id)
    return {
        "iss": ISSUER,
        "aud": STEP_UP_AUDIENCE,
        "sub": actor.id,
        "tenant": actor.tenant,
        "sid": actor.session,
        "deed": asked.deed,
        "cmd": asked.command_hash(key),
        "jti": "j",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 120,
    }


def refused_with(code: ErrorCode) -> Any:  # noqa: ANN401 -- pytest's own
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def test_a_proof_for_this_very_command_lets_it_happen() -> None:
    desk = Desk()
    desk.act(token="t", request={"number": 1}, idempotency_key="k", proof=proof())
    assert desk.done == [1]


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_proof_it_is_asked_for_with_the_hash_of_the_command(nothing: object) -> None:
    desk = Desk()
    with refused_with(ErrorCode.STEP_UP_NEEDED) as refused:
        desk.act(token="t", request={"number": 1}, idempotency_key="k", proof=nothing)
    asked = Asked("invoices", "act", TENANT, {"number": 1}, "ada")
    assert refused.value.details == {"deed": "invoices.act", "command_hash": asked.command_hash("k")}
    assert desk.done == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(proof(number=2), id="for another request"),
        pytest.param(proof(key="another"), id="for another carrying out of the same"),
        pytest.param(proof(method="act_on_large"), id="for another method"),
        pytest.param(proof(deed="invoices.look"), id="with another deed in the log"),
        pytest.param(proof(sub="bob"), id="of another person"),
        pytest.param(proof(tenant="019aa0e5-0000-7000-8000-000000000002"), id="of another tenant"),
        pytest.param(proof(sid="session-2"), id="of another session"),
        pytest.param(proof(aud=AUDIENCE), id="a token, not a proof"),
        pytest.param(proof(iss="somebody"), id="of another issuer"),
        pytest.param(proof(exp=int(NOW.timestamp())), id="expired"),
        pytest.param(issue_token(claims(), SigningKey.generate(), "t1"), id="signed by somebody else"),
        pytest.param("nonsense", id="no token at all"),
        pytest.param(7, id="no text"),
        pytest.param([proof()], id="in a list"),
    ],
)
def test_any_other_proof_is_refused(wrong: object) -> None:
    desk = Desk()
    with refused_with(ErrorCode.STEP_UP_INVALID):
        desk.act(token="t", request={"number": 1}, idempotency_key="k", proof=wrong)
    assert desk.done == []


def test_a_proof_is_good_for_two_minutes() -> None:
    desk = Desk()
    desk.clock.moment = NOW + timedelta(seconds=120)
    with refused_with(ErrorCode.STEP_UP_INVALID):
        desk.act(token="t", request={"number": 1}, idempotency_key="k", proof=proof())


def test_a_token_without_a_session_steps_up_nowhere() -> None:
    nowhere = Actor("person", "ada", TENANT, ADA.grants, ADA.factors, "")
    with refused_with(ErrorCode.STEP_UP_INVALID):
        Desk(nowhere).act(token="t", request={"number": 1}, idempotency_key="k", proof=proof(actor=nowhere))


def test_a_service_with_the_permission_is_refused_whatever_it_shows() -> None:
    service = Actor("service", "notifier", None, ADA.grants, (), "session-1")
    with refused_with(ErrorCode.PERMISSION_DENIED):
        Desk(service).act(token="t", request={"number": 1}, idempotency_key="k", proof=proof(actor=service))


def test_where_a_method_decides_only_what_it_asks_for_needs_a_proof() -> None:
    desk = Desk()
    desk.act_on_large(token="t", request={"number": 100}, idempotency_key="k")
    with refused_with(ErrorCode.STEP_UP_NEEDED):
        desk.act_on_large(token="t", request={"number": 101}, idempotency_key="l")
    desk.act_on_large(token="t", request={"number": 101}, idempotency_key="l", proof=proof("act_on_large", 101, "l"))
    assert desk.done == [100, 101]


def test_what_is_everybodys_own_is_open_to_persons_alone() -> None:
    asked: dict[str, Any] = {"token": "t", "request": {"number": 1}, "idempotency_key": "k"}
    nobody_special = Actor("person", "bob", TENANT, (), ("pwd", "otp"), "s")
    assert Desk(nobody_special).own(**asked) == {"number": 1}
    with refused_with(ErrorCode.PERMISSION_DENIED):
        Desk(Actor("service", "notifier", None, ADA.grants, (), "s")).own(**asked)


def changed(asked: dict[str, Any], name: str, value: object) -> dict[str, Any]:
    return {**asked, name: value}


_PARTS = ["service", "method", "tenant", "actor", "request", "key"]


@given(st.dictionaries(st.text(), _JSON), st.sampled_from(_PARTS))
def test_two_calls_that_differ_anywhere_have_different_hashes(request_: dict[str, Any], where: str) -> None:
    asked: dict[str, Any] = {
        "service": "s",
        "method": "m",
        "tenant": "t",
        "actor": "a",
        "request": request_,
        "key": "k",
    }
    other: object = {**request_, "more": "x" * 9} if where == "request" else "another"

    def hashed(call: dict[str, Any]) -> str:
        key = call.pop("key")
        return Asked(**call).command_hash(key)

    assert hashed(dict(asked)) != hashed(changed(asked, where, other))
