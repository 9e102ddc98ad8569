"""A stand-in for the services that commands talk to, and the terminal that they are typed at."""

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main

_SESSIONS = ("logged_in", "as_operator")


class Running:
    """Services that answer, and remember what they were asked and what they were told to do."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.done: list[tuple[str, str, dict[str, Any]]] = []

    def query(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Answer."""
        self.asked.append((service, method, dict(request)))
        return self.answer(service, method, request)

    def command(self, service: str, method: str, request: Mapping[str, object], idempotency_key: str) -> dict[str, Any]:
        """Note what is to be done, and answer."""
        assert idempotency_key
        self.done.append((service, method, dict(request)))
        return self.answer(service, method, request)

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Return what a service answers, or raise PublicError: each test's own."""
        raise NotImplementedError(f"{service}.{method} {request}")


def log_in(monkeypatch: pytest.MonkeyPatch, session: object) -> None:
    """Let every command find this session, whoever asks for one."""
    for name, module in list(sys.modules.items()):
        for session_of in _SESSIONS:
            if name.startswith("cli.") and hasattr(module, session_of):
                monkeypatch.setattr(module, session_of, lambda: nullcontext(session))


def tallystick(*arguments: str, typed: str = "") -> Result:
    """Run a command; `typed` is what is typed at its prompts."""
    return CliRunner().invoke(main, list(arguments), input=typed)
