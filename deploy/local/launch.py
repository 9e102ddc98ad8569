"""What the commands do: run, up, down, status."""

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from deploy.local.account import private_file
from deploy.local.ports import LOOPBACK
from deploy.local.processes import end_marked, marked
from deploy.local.profile import PROFILE_NAMES, Profile, ProfileBusy, profile_named
from deploy.local.program import MARK, ending_with_this_process
from deploy.local.stack import Say, Stack, running
from deploy.local.supervision import Supervisor

_LEFT_OVER_SECONDS = 60
_COMMAND_END_SECONDS = 30
_LAUNCHER_END_SECONDS = 120


def run(profile: Profile, command: Sequence[str], say: Say, *, keep: bool = False) -> int:
    """Start the stack, write its settings, run the command with its environment, end the stack.

    Return the command's exit code.

    `keep` leaves the stack running after the command, until Ctrl-C or `make down`. Raises StackError.
    """
    with profile.hold(), _orderly_end():
        # Left by a launcher that was killed; its programs are on their way out already.
        end_marked(profile.directory, patience_seconds=_LEFT_OVER_SECONDS)
        stack = Stack.plan(profile)
        with running(stack, say):
            if profile.complete:
                _write_settings(profile)
            code = _call(command, {**os.environ, MARK: str(profile.directory), **stack.command_environment()})
            if keep:
                _wait_for_interrupt(say)
    return code


def up(profile: Profile, say: Say) -> None:
    """Start the stack in the background unless it runs already, and write its settings. Raises StackError."""
    with profile.hold(), _orderly_end():
        supervisor = Supervisor(profile)
        if supervisor.states() and profile.stack_file.exists():
            say("It runs already")
        else:
            supervisor.stop()
            try:
                Stack.plan(profile).start(supervisor, say, detached=True)
            except BaseException:
                supervisor.stop()
                raise
        _write_settings(profile)
    say(f"For the `tallystick` command: . {profile.directory / 'client.env'}")
    say("Everything runs. `make status` shows it, `make logs` what it says, `make down` ends it.")


def down(run_directory: Path, say: Say) -> None:
    """End everything that was started below this directory; returns when it is gone."""
    for name in PROFILE_NAMES:
        profile = profile_named(name, run_directory)
        if not profile.directory.exists():
            continue
        _end_launcher(profile)
        with profile.hold(wait_seconds=_LAUNCHER_END_SECONDS):
            if marked(profile.directory):
                say(f"Stopping the {name} stack")
            Supervisor(profile).stop()
            profile.stack_file.unlink(missing_ok=True)
    say("Nothing of this checkout is running")


def status(run_directory: Path, say: Say) -> bool:
    """Show each program of each stack; return whether all of the main one run."""
    all_run = False
    for name in PROFILE_NAMES:
        profile = profile_named(name, run_directory)
        states = Supervisor(profile).states()
        say(f"{name}: {_ports(profile)}" if states else f"{name}: not running")
        for state in states:
            say(f"  {state.name:<10} {state.state:<9} {state.description}")
        if name == "main":
            all_run = bool(states) and all(state.state in {"STARTING", "RUNNING"} for state in states)
    return all_run


def _write_settings(profile: Profile) -> None:
    """Write the settings of each service, of `client` and `operator`, to be sourced; secrets are named by their files.

    They are those that the running stack told of itself, not those that a new one would get.
    """
    described = json.loads(profile.stack_file.read_text())
    callers = {name: described[name] for name in ("client", "operator")}
    for name, settings in {**callers, **described["services"]}.items():
        variables = "".join(f"export {variable}={shlex.quote(value)}\n" for variable, value in settings.items())
        private_file(profile.directory / f"{name}.env", variables, None)


def _ports(profile: Profile) -> str:
    if not profile.stack_file.exists():
        return "starting"
    ports: dict[str, int] = json.loads(profile.stack_file.read_text())["ports"]
    return ", ".join(f"{name} on {LOOPBACK}:{port}" for name, port in ports.items())


def _end_launcher(profile: Profile) -> None:
    """Ask a launcher in the foreground to end. While the lock is taken the process id in the file is its own."""
    try:
        with profile.hold():
            return
    except ProfileBusy:
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            os.kill(int(profile.launcher_file.read_text()), signal.SIGTERM)


def _call(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run the command in our terminal; it is asked to end when we are ended."""
    process = subprocess.Popen(ending_with_this_process(command), env=environment)  # noqa: S603 - the caller's command
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(_COMMAND_END_SECONDS)


def _wait_for_interrupt(say: Say) -> None:
    say("The stack keeps running: Ctrl-C or `make down` ends it.")
    with suppress(KeyboardInterrupt):
        signal.pause()


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exception, so that every `finally` on the way runs."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    previous = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
