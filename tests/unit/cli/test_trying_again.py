"""A command that got no answer is asked again without being carried out twice."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.cli.office import Invoices
from tests.unit.cli.running import log_in, tallystick

REFUND = (
    "payments",
    "refund",
    "019aa0e5-0000-7000-8000-0000000000aa",
    "19.00",
    "--on",
    "2026-11-21",
    "--reason",
    "twice",
)


class Unheard(Invoices):
    """Does what it is told, and its first answer, or refusal, is this."""

    def __init__(self, first: ErrorCode | None = None) -> None:
        super().__init__()
        self.first = first
        self.keys: list[str] = []

    def command(self, service: str, method: str, request: Mapping[str, object], idempotency_key: str) -> dict[str, Any]:
        self.keys.append(idempotency_key)
        reply = super().command(service, method, request, idempotency_key)
        if self.first is not None and len(self.keys) == 1:
            raise PublicError(self.first, "No.")
        return reply


def test_what_got_no_answer_is_asked_again_under_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Unheard(ErrorCode.SERVICE_UNAVAILABLE)
    log_in(monkeypatch, service)
    lost = tallystick(*REFUND)
    assert isinstance(lost.exception, PublicError)
    assert f"--again {service.keys[0]} does it once" in lost.stderr
    assert tallystick(*REFUND, "--again", service.keys[0]).exit_code == 0
    assert service.keys[1] == service.keys[0]
    assert service.done[1] == service.done[0]


def test_what_is_typed_twice_is_two_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Unheard()
    log_in(monkeypatch, service)
    for _ in range(2):
        assert tallystick(*REFUND).exit_code == 0
    assert service.keys[1] != service.keys[0]


def test_what_was_refused_was_not_done_and_names_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Unheard(ErrorCode.NOT_REFUNDABLE)
    log_in(monkeypatch, service)
    assert "--again" not in tallystick(*REFUND).stderr
