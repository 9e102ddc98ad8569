from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import verify_token
from shared.kernel.clock import FixedClock, to_rfc3339
from shared.messaging.answers import unwrap
from shared.messaging.caller import ServiceCaller

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Bus:
    """Answers like auth and like one other service."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.assertions: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.refuse: ErrorCode | None = None

    def call(
        self,
        service: str,
        method: str,
        arguments: dict[str, Any],
        timeout: float = 30,  # noqa: ARG002 - it answers at once
    ) -> dict[str, Any]:
        if (service, method) == ("auth", "service_token"):
            self.assertions.append(arguments["request"]["assertion"])
            expires_at = to_rfc3339(self.clock.now() + timedelta(seconds=300))
            return {"token": f"token {len(self.assertions)}", "expires_at": expires_at}
        self.calls.append(arguments)
        if self.refuse:
            raise PublicError(self.refuse, "Refused.")
        return {"ok": True}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def bus(clock: FixedClock) -> Bus:
    return Bus(clock)


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def caller(bus: Bus, clock: FixedClock, key: SigningKey) -> ServiceCaller:
    return ServiceCaller(bus, "notifier", key, clock)


def test_a_token_is_asked_for_once_and_used_until_shortly_before_it_expires(
    caller: ServiceCaller, bus: Bus, clock: FixedClock
) -> None:
    for seconds in (0, 269, 270):
        clock.moment = NOW + timedelta(seconds=seconds)
        caller.call("invoices", "get_document", {"invoice_id": "1"}, tenant="t")
    assert [call["token"] for call in bus.calls] == ["token 1", "token 1", "token 2"]
    assert bus.calls[0] == {"request": {"invoice_id": "1"}, "tenant": "t", "token": "token 1"}


def test_the_assertion_is_short_lived_signed_by_the_service_and_used_once(
    caller: ServiceCaller, bus: Bus, clock: FixedClock, key: SigningKey
) -> None:
    caller.call("invoices", "x", {})
    clock.moment = NOW + timedelta(hours=1)
    caller.call("invoices", "x", {})
    first = verify_token(
        bus.assertions[0], {"notifier": key.public}, audience="tallystick/auth", issuer="notifier", now=NOW
    )
    second = verify_token(
        bus.assertions[1], {"notifier": key.public}, audience="tallystick/auth", issuer="notifier", now=clock.now()
    )
    assert first["sub"] == "notifier"
    assert first["exp"] - first["iat"] <= 60
    assert first["jti"] != second["jti"]


@pytest.mark.parametrize("code", [ErrorCode.TOKEN_INVALID, ErrorCode.TOKEN_EXPIRED])
def test_after_its_token_was_refused_a_service_asks_for_a_new_one(
    caller: ServiceCaller, bus: Bus, code: ErrorCode
) -> None:
    bus.refuse = code
    with pytest.raises(PublicError):
        caller.call("invoices", "x", {})
    bus.refuse = None
    caller.call("invoices", "x", {})
    assert len(bus.assertions) == 2


def test_an_answer_gives_its_result_or_raises_its_error() -> None:
    assert unwrap({"result": {"a": 1}, "error": None}) == {"a": 1}
    path = "shared.contracts.errors.PublicError"
    sent = {"exc_path": path, "exc_args": ["invoice_unknown", "There is none.", {"position": 5}]}
    with pytest.raises(PublicError) as refused:
        unwrap({"result": None, "error": sent})
    assert (refused.value.code, refused.value.details) == (ErrorCode.INVOICE_UNKNOWN, {"position": 5})


@pytest.mark.parametrize(
    "error",
    [
        {"exc_path": "builtins.ValueError", "exc_args": ["canary"], "value": "canary"},
        {"exc_path": "shared.contracts.errors.PublicError", "exc_args": ["a_code_of_tomorrow", "canary", {}]},
        {"exc_path": "shared.contracts.errors.PublicError", "exc_args": 7},
    ],
)
def test_an_error_that_is_not_public_says_nothing(error: dict[str, object]) -> None:
    with pytest.raises(PublicError) as refused:
        unwrap({"result": None, "error": error})
    assert refused.value.code == ErrorCode.INTERNAL_ERROR
    assert "canary" not in repr(refused.value)


def test_acting_for_a_person_shows_their_token_and_none_of_the_services_own(bus: Bus, caller: ServiceCaller) -> None:
    caller.call("invoices", "get_invoice", {}, on_behalf_of="token of ada")
    assert [call["token"] for call in bus.calls] == ["token of ada"]
    assert bus.assertions == []


def test_a_persons_token_that_is_refused_does_not_cost_the_service_its_own(bus: Bus, caller: ServiceCaller) -> None:
    caller.call("invoices", "get_invoice", {})
    bus.refuse = ErrorCode.TOKEN_EXPIRED
    with pytest.raises(PublicError):
        caller.call("invoices", "get_invoice", {}, on_behalf_of="token of ada")
    bus.refuse = None
    caller.call("invoices", "get_invoice", {})
    assert len(bus.assertions) == 1
