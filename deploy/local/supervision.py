"""supervisord: starts the programs, starts them again when they die, stops them in order."""

import configparser
import os
import secrets
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import cast

from deploy.local.account import private_directory, private_file
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.processes import end_marked, marked, signal_marked, wait_until
from deploy.local.profile import Profile, StackError
from deploy.local.program import Program, ending_with_this_process, plain_environment

# Paths are relative to the profile's directory, where supervisord runs: no path has to be quoted for a
# format whose quoting has corners. TCP and not a socket file, because those end at 108 characters of path.
_HEAD = """\
[supervisord]
nodaemon=true
silent=true
umask=077
logfile=logs/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile=supervisord.pid
identifier=tallystick-{profile}
{user}
[inet_http_server]
port={host}:{port}
username=launcher
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=http://{host}:{port}
username=launcher
password={password}
"""

_PROGRAM = """
[program:{name}]
command=sh programs/{name}
priority={priority}
autostart=false
autorestart=true
startsecs=5
startretries=3
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""

# What has the same priority is stopped at the same time; one by one, four services take four times as long.
_GROUP = """
[group:{group}]
programs={programs}
priority={priority}
"""

_CONFIGURATION = "supervisord.conf"
_END_SECONDS = 60
_TAIL_LINES = 25


@dataclass(frozen=True)
class ProgramState:
    """What supervisord says about a program: `state` is its word for it, e.g. RUNNING or FATAL."""

    name: str
    state: str
    description: str


class Supervisor:
    """A profile's supervisord, running or not."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._process: subprocess.Popen[bytes] | None = None
        self._groups: dict[str, str] = {}

    def start(self, programs: Sequence[Program], *, detached: bool) -> None:
        """Start supervisord with these programs, none of them started yet.

        Detached, it outlives us; otherwise it ends when we do, even when we are killed. Raises StackError.
        """
        self._write(programs)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", _CONFIGURATION]
        if not detached:
            command = ending_with_this_process(command)
        with (self._profile.logs / "supervisord.out").open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                command,
                cwd=self._profile.directory,
                env=plain_environment(self._profile.directory),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches the launcher alone, which ends things in order
            )
        self._wait_for_answer(self._process)

    def start_program(self, name: str) -> None:
        """Ask for a program to be started, without waiting until it is of use."""
        with self._rpc() as rpc:
            rpc.supervisor.startProcess(f"{self._groups[name]}:{name}", False)

    def states(self) -> list[ProgramState]:
        """Return what supervisord says about each program; an empty list when it does not run, or is ending."""
        try:
            with self._rpc() as rpc:
                answer = cast("list[dict[str, str]]", rpc.supervisor.getAllProcessInfo())
        except (OSError, HTTPException, xmlrpc.client.Error, KeyError):  # KeyError: it was never configured
            return []
        return [ProgramState(item["name"], item["statename"], item["description"]) for item in answer]

    def wait_ready(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready()`; raises StackError with the end of the program's log if that does not come."""
        deadline = time.monotonic() + seconds
        while not ready():
            state = next((state.state for state in self.states() if state.name == name), "gone")
            if state in {"FATAL", "gone"}:
                raise StackError(f"{name} does not start. {self.tail(name)}")
            if time.monotonic() > deadline:
                raise StackError(f"{name} was not ready within {seconds:.0f} s. {self.tail(name)}")
            time.sleep(0.1)

    def tail(self, name: str) -> str:
        """Return the end of a program's log, headed by the path of the file."""
        path = self._profile.logs / f"{name}.log"
        try:
            lines = path.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return f"It wrote no log ({path})."
        return "\n    ".join([f"The end of {path}:", *lines[-_TAIL_LINES:]])

    def stop(self) -> None:
        """End supervisord and with it every program, in order; returns when all are gone."""
        pid = self._pid()
        if pid is not None and signal_marked(pid, self._profile.directory, signal.SIGTERM):
            wait_until(lambda: self._has_ended(pid), _END_SECONDS)
        end_marked(self._profile.directory, patience_seconds=_END_SECONDS)

    def _write(self, programs: Sequence[Program]) -> None:
        directory = private_directory(self._profile.directory / "programs", None)
        for program in programs:
            private_file(directory / program.name, program.script(), None)
        (port,) = free_ports(1)
        head = _HEAD.format(
            profile=self._profile.name,
            host=LOOPBACK,
            port=port,
            password=secrets.token_urlsafe(32),
            user="user=root\n" if os.geteuid() == 0 else "",
        )
        sections = [
            _PROGRAM.format(
                name=program.name,
                priority=program.priority,
                stop_signal=program.stop_signal,
                stop_seconds=program.stop_seconds,
            )
            for program in programs
        ]
        self._groups = {program.name: f"priority-{program.priority}" for program in programs}
        for priority in sorted({program.priority for program in programs}):
            names = [program.name for program in programs if program.priority == priority]
            group = f"priority-{priority}"
            sections.append(_GROUP.format(group=group, programs=",".join(names), priority=priority))
        private_file(self._profile.directory / _CONFIGURATION, head + "".join(sections), None)

    def _wait_for_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _END_SECONDS
        while not self.states():
            if process.poll() is not None or time.monotonic() > deadline:
                said = (self._profile.logs / "supervisord.out").read_text(errors="replace")
                raise StackError(f"supervisord does not start: {said.strip()}")
            time.sleep(0.1)

    def _rpc(self) -> xmlrpc.client.ServerProxy:
        parser = configparser.RawConfigParser()
        parser.read(self._profile.directory / _CONFIGURATION)
        section = parser["supervisorctl"]
        address = section["serverurl"].removeprefix("http://")
        return xmlrpc.client.ServerProxy(f"http://{section['username']}:{section['password']}@{address}/RPC2")

    def _has_ended(self, pid: int) -> bool:
        if self._process is not None:
            return self._process.poll() is not None  # which also lets go of our child
        return pid not in marked(self._profile.directory)

    def _pid(self) -> int | None:
        if self._process is not None:
            return self._process.pid
        path: Path = self._profile.directory / "supervisord.pid"
        try:
            return int(path.read_text())
        except (FileNotFoundError, ValueError):
            return None
