"""One program of the stack: what runs, as whom, with which environment."""

import os
import shlex
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.account import Account, setpriv_options

MARK = "TALLYSTICK_STACK_DIRECTORY"
"""Every process that we start carries this variable; it is how `down` knows ours from anybody else's."""


@dataclass(frozen=True)
class Program:
    """A command and the circumstances it runs in.

    `priority`: lower starts earlier and stops later. `stop_signal` asks for an orderly end ("TERM", "INT");
    after `stop_seconds` without one it is killed.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    priority: int
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    must_reach: tuple[Path, ...] = ()
    stop_signal: str = "TERM"
    stop_seconds: int = 20

    def argv(self) -> list[str]:
        """Return the command with its account and its tie to the process that starts it."""
        options = setpriv_options(self.account, self.must_reach)
        return ending_with_us(self.command, self.stop_signal, options)

    @property
    def stop_number(self) -> signal.Signals:
        """The signal that asks for an orderly end."""
        return signal.Signals[f"SIG{self.stop_signal}"]

    def script(self) -> str:
        """Return a shell script that becomes the program, for reading as much as for running."""
        exports = [f"export {name}={shlex.quote(value)}" for name, value in sorted(self.environment.items())]
        return "\n".join(
            [
                "#!/bin/sh",
                "# Written at each start by `python -m deploy.local`; changes are lost.",
                f"cd {shlex.quote(str(self.directory))} || exit 1",
                *exports,
                f"exec {shlex.join(self.argv())}",
                "",
            ]
        )


def ending_with_us(command: Sequence[str], stop_signal: str = "TERM", options: Sequence[str] = ()) -> list[str]:
    """Return the command behind setpriv(1), which asks the kernel for a parent-death signal.

    That is the promise that nothing is left behind: when the process (on Linux: the thread) that started
    this one ends, even by SIGKILL, the kernel sends this one `stop_signal`.
    """
    return ["setpriv", f"--pdeathsig={stop_signal}", *options, "--", *command]


def ending_with_this_process(command: Sequence[str]) -> list[str]:
    """Return the command so that it ends with the process that calls this, and never begins when that ended before.

    Between the fork and setpriv's request to the kernel nobody would tell the new process: it looks once itself.
    """
    look = '[ "$PPID" = "$0" ] || exit 1; exec "$@"'
    return ending_with_us(["sh", "-c", look, str(os.getpid()), *command])


def plain_environment(mark: Path) -> dict[str, str]:
    """Return the few variables that every program gets: nothing leaks in from the caller's shell."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", MARK: str(mark)}
