"""What a running stack promises."""

import json
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pika
import pika.exceptions
import psycopg
import pytest

from deploy.local.processes import marked, wait_until
from tests.integration.stack.launching import PATIENCE, command, finish, launched, run_code

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def run_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    run_directory = tmp_path_factory.mktemp("a place with 'quotes', #signs, %s and spaces")
    with launched(run_directory) as process:
        yield run_directory
        process.terminate()
        assert process.wait() == 128 + signal.SIGTERM
    assert marked(run_directory / "test") == set()


@pytest.fixture(scope="module")
def described(run_directory: Path) -> dict[str, dict[str, object]]:
    described: dict[str, dict[str, object]] = json.loads((run_directory / "test" / "stack.json").read_text())
    return described


def test_a_second_launcher_is_told_so(run_directory: Path) -> None:
    second = finish(run_code(run_directory, ""))

    assert second.returncode == 1
    assert "already running" in second.stderr
    assert "Traceback" not in second.stderr


def test_everything_listens_on_loopback_only(run_directory: Path) -> None:
    addresses = {address for pid in marked(run_directory / "test") for address in _listening(pid)}

    assert addresses  # we can see our own
    assert addresses <= {"0100007F", "00000000000000000000000001000000"}  # 127.0.0.1, ::1


def test_no_server_runs_as_root(run_directory: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can drop to another account")
    postmaster = ((run_directory / "test") / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0]

    assert Path(f"/proc/{postmaster}").stat().st_uid != 0


def test_what_is_secret_is_readable_for_its_owner_only(run_directory: Path) -> None:
    profile = run_directory / "test"
    files = [
        profile / "stack.json",
        profile / "supervisord.conf",
        profile / "rabbitmq" / ".erlang.cookie",
        *(profile / "secrets").iterdir(),
        *(profile / "offline").iterdir(),
        *(profile / "programs").iterdir(),
    ]

    assert {path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077} == set()


def test_postgresql_refuses_a_wrong_password(described: dict[str, dict[str, str]]) -> None:
    dsn = described["postgres"]["admin_dsn"]

    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(dsn, password="wrong")


def test_rabbitmq_has_no_guest(described: dict[str, dict[str, object]]) -> None:
    parameters = pika.ConnectionParameters(
        "127.0.0.1", described["rabbitmq"]["port"], "tallystick", pika.PlainCredentials("guest", "guest")
    )

    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        pika.BlockingConnection(parameters)


def test_a_service_cannot_read_the_queue_of_another(described: dict[str, dict[str, object]]) -> None:
    rabbitmq = described["rabbitmq"]
    users = rabbitmq["users"]
    assert isinstance(users, dict)
    parameters = pika.ConnectionParameters(
        "127.0.0.1", rabbitmq["port"], "test-0", pika.PlainCredentials("notifier", users["notifier"])
    )

    connection = pika.BlockingConnection(parameters)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
        connection.channel().queue_declare("rpc-auth")
    connection.close()


def test_status_says_what_runs(run_directory: Path) -> None:
    status = finish(command(run_directory, "status"))

    assert status.returncode == 3  # the main stack does not run
    assert "main: not running" in status.stderr
    assert "rabbitmq" in status.stderr


def test_a_killed_server_is_started_again(run_directory: Path, described: dict[str, dict[str, str]]) -> None:
    postmaster = (run_directory / "test") / "postgres" / "data" / "postmaster.pid"
    first = postmaster.read_text().splitlines()[0]

    os.kill(int(first), signal.SIGKILL)

    assert wait_until(lambda: _answers_as_another(described["postgres"]["admin_dsn"], postmaster, first), PATIENCE)


def _answers_as_another(dsn: str, pid_file: Path, first: str) -> bool:
    try:
        with psycopg.connect(dsn, connect_timeout=2):
            return pid_file.read_text().splitlines()[0] != first
    except (psycopg.OperationalError, FileNotFoundError, IndexError):
        return False


def _listening(pid: int) -> set[str]:
    """Return the addresses, as /proc writes them, on which a process accepts TCP connections."""
    try:
        links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return set()
    inodes = {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:[")}
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].rpartition(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes}
