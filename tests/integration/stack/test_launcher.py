"""The launcher comes and goes, and nothing is left when it is killed."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.processes import marked, wait_until
from deploy.local.profile import CHECKOUT
from deploy.local.secrets import SERVICES
from tests.integration.stack.launching import PATIENCE, command, finish, launched, run_code

pytestmark = pytest.mark.integration


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with launched(tmp_path) as process:
        yield process


def test_a_killed_launcher_leaves_nothing_and_the_next_run_works(
    launcher: subprocess.Popen[str], tmp_path: Path
) -> None:
    profile = tmp_path / "test"
    assert len(marked(profile)) > 4

    launcher.kill()

    assert wait_until(lambda: not marked(profile), PATIENCE)
    assert finish(run_code(tmp_path, "raise SystemExit(7)")).returncode == 7


def test_when_whoever_started_a_launcher_is_killed_nothing_is_left(tmp_path: Path) -> None:
    starts = textwrap.dedent(
        """
        import pathlib, sys
        from tests.integration.stack.launching import launched
        with launched(pathlib.Path(sys.argv[1])):
            print("ready", flush=True)
            sys.stdin.read()
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", starts, str(tmp_path)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as above:
        assert above.stdout is not None
        assert above.stdout.readline() == "ready\n"
        assert len(marked(tmp_path / "test")) > 4
        above.kill()

    assert wait_until(lambda: not marked(tmp_path / "test"), PATIENCE)
    assert finish(run_code(tmp_path, "raise SystemExit(7)")).returncode == 7


def test_the_logs_of_the_run_before_are_kept_and_no_older_ones(tmp_path: Path) -> None:
    now, before = tmp_path / "test" / "logs", tmp_path / "test" / "logs-before"
    said: list[dict[str, str]] = []
    for run in range(3):
        finish(run_code(tmp_path, "pass"))
        (now / f"run-{run}").touch()
        said.append({path.name: path.read_text(errors="replace") for path in now.iterdir()})
    assert "supervisord.log" in said[1]
    assert {path.name: path.read_text(errors="replace") for path in before.iterdir()} == said[1]


def test_a_killed_supervisor_leaves_nothing(tmp_path: Path) -> None:
    kill = textwrap.dedent(
        """
        import os, pathlib, signal
        directory = pathlib.Path(os.environ["TALLYSTICK_STACK_DIRECTORY"])
        os.kill(int((directory / "supervisord.pid").read_text()), signal.SIGKILL)
        """
    )

    finished = finish(run_code(tmp_path, kill))

    assert "RabbitMQ is ready" in finished.stderr
    assert marked(tmp_path / "test") == set()


def test_down_ends_a_launcher_and_nobody_else_and_can_be_said_twice(
    launcher: subprocess.Popen[str], tmp_path: Path
) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        assert finish(command(tmp_path, "down")).returncode == 0

        assert launcher.wait() == 128 + signal.SIGTERM
        assert marked(tmp_path / "test") == set()
        assert finish(command(tmp_path, "down")).returncode == 0
        assert stranger.poll() is None
        stranger.kill()
    assert "not expected" not in (tmp_path / "test" / "logs" / "supervisord.log").read_text()  # ended in order


def settings_in(profile: Path) -> dict[str, str]:
    """What a running stack's settings files say."""
    return {path.name: path.read_text() for path in profile.glob("*.env")}


def test_up_outlives_its_launcher_until_down(tmp_path: Path) -> None:
    first = finish(command(tmp_path, "up"))
    assert first.returncode == 0, first.stderr
    assert finish(command(tmp_path, "status")).returncode == 0
    written = settings_in(tmp_path / "main")
    assert set(written) == {"client.env", "operator.env", *(f"{service}.env" for service in SERVICES)}
    for name in written:
        (tmp_path / "main" / name).unlink()

    second = finish(command(tmp_path, "up"))
    again = settings_in(tmp_path / "main")
    finish(command(tmp_path, "down"))

    assert second.returncode == 0
    assert "runs already" in second.stderr
    assert again == written  # also after somebody removed them
    assert marked(tmp_path / "main") == set()
    assert finish(command(tmp_path, "status")).returncode == 3
    assert "not expected" not in (tmp_path / "main" / "logs" / "supervisord.log").read_text()  # ended in order
