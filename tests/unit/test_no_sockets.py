"""The guard in conftest.py works."""

import socket

import psycopg
import pytest
from pytest_socket import SocketBlockedError

pytestmark = pytest.mark.filterwarnings("ignore:A test tried to use socket:UserWarning")  # it warns besides raising


def test_a_unit_test_cannot_open_a_socket() -> None:
    with pytest.raises(SocketBlockedError):
        socket.socket()


def test_a_unit_test_cannot_reach_a_database() -> None:
    with pytest.raises(SocketBlockedError):
        psycopg.connect("host=127.0.0.1")
