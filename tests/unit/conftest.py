"""Unit tests open no socket: not from Python, and not through libpq, which opens its own in C."""

from typing import Never

import psycopg
import pytest
from pytest_socket import SocketBlockedError


@pytest.fixture(autouse=True)
def _no_sockets(socket_disabled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Never:
        raise SocketBlockedError

    monkeypatch.setattr(psycopg.Connection, "connect", refuse)
    monkeypatch.setattr(psycopg, "connect", refuse)
