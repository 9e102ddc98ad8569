"""The whole system in a directory of its own, started as an operator would."""

import json
import os
import subprocess
import sys
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from deploy.demo.people import Operator, Person
from deploy.demo.stack import DemoStack
from deploy.local.processes import marked
from shared.messaging.client import RpcClient
from shared.messaging.settings import BusSettings, Environment
from tests.integration.stack.launching import launched

ROOT = Path(__file__).resolve().parents[2]
_FRESH_SECONDS = 120
"""Age up to which a token is given to a program; it expires after five minutes."""


def local(run_directory: Path, *arguments: str) -> list[str]:
    """The launcher's command line for a directory of the test's own."""
    return [sys.executable, "-m", "deploy.local", "--run-directory", str(run_directory), *arguments]


def write_token(person: Person, folder: Path) -> Path:
    """Write the token of a person who has logged in as a file for programs; it lasts longer than any of them runs."""
    issued_at = json.loads(urlsafe_b64decode(str(person._token).split(".")[1] + "=="))["iat"]
    if time.time() > issued_at + _FRESH_SECONDS:
        person.log_in()
    token = folder / "token"
    if token.exists() and json.loads(token.read_text("utf-8"))["session_id"] == person.session["session_id"]:
        return token  # a program may have renewed it: the refresh token that the person knows is spent then
    token.touch(mode=0o600)
    token.write_text(json.dumps(person.session), "utf-8")
    return token


@dataclass
class System:
    """A running system with one business in it."""

    stack: DemoStack
    client: RpcClient
    owner: Person


def send(system: System, service: str, number: int) -> None:
    """Send a signal to the processes of a service."""
    command = f"services.{service}".encode()
    pids = [pid for pid in marked(system.stack.directory) if command in _command_line(pid)]
    assert pids
    for pid in pids:
        os.kill(pid, number)


def _command_line(pid: int) -> bytes:
    """Return how a process was started; nothing of one that has ended, as the database's come and go."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def typed(
    system: System | None, person: Person, folder: Path, arguments: list[str], answers: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run `tallystick …` in a folder as somebody who is logged in and answers what is asked, a fresh proof at the end.

    Without a system: with no idea of where a broker would be.
    """
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    if system is not None:
        environment |= system.stack.description["client"]
        environment |= {"TALLYSTICK_TOKEN_FILE": str(write_token(person, folder))}
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env=environment,
        input=f"{answers}{(person.recovery_codes or [''])[-1]}\n",
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # a prompt for a secret asks the terminal, where there is one, and not its input
    )
    if "needs a fresh proof" in done.stderr:
        person.recovery_codes.pop()
    return done


def mail_to(system: System, address: str, subject: str) -> str:
    """Wait for a mail and return its text."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for path in Path(system.stack.maildir).glob("new/*"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body()
            if body is not None and address in mail["To"] and mail["Subject"] == subject:
                return str(body.get_content())
        time.sleep(0.2)
    raise AssertionError(f"no mail about {subject!r} came")


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    if not os.environ.get("TALLYSTICK_TEST_STACK"):
        pytest.skip("run make test")
    run_directory = tmp_path_factory.mktemp("system")
    # In the foreground, so that it ends with the tests, however they end: nobody would tell one in the background.
    with launched(run_directory, "main"), pytest.MonkeyPatch.context() as environment:
        environment.setenv("TALLYSTICK_STACK", str(run_directory / "main" / "stack.json"))
        stack = DemoStack.from_environment()
        for name, value in stack.description["client"].items():
            environment.setenv(name, value)
        with RpcClient(BusSettings.read(Environment())) as client:
            founded = Operator(client, stack.operator_key).create_tenant("Probe", "Olga", "olga@probe.example")
            owner = Person(client, str(founded["tenant"]), "olga@probe.example")
            owner.enrol(str(founded["invitation"]))
            owner.log_in()
            yield System(stack, client, owner)


@pytest.fixture
def another(system: System) -> System:
    """The same system, in the hands of another business, whose documents and mails are this test's own."""
    founded = Operator(system.client, system.stack.operator_key).create_tenant("Proof", "Pia", "pia@proof.example")
    owner = Person(system.client, str(founded["tenant"]), "pia@proof.example")
    owner.enrol(str(founded["invitation"]))
    owner.log_in()
    return replace(system, owner=owner)
