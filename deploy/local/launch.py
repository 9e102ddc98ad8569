"""What the commands do: run, up, down, status, logs."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from deploy.local.processes import end_marked
from deploy.local.profile import Profile
from deploy.local.program import MARK, ending_with_us
from deploy.local.stack import Say, Stack, running

_LEFT_OVER_SECONDS = 60
_COMMAND_END_SECONDS = 30


def run(profile: Profile, command: Sequence[str], say: Say) -> int:
    """Start the stack, run the command with its environment, end the stack; return the exit code."""
    with profile.hold(), _orderly_end():
        # Left by a launcher that was killed; its programs are on their way out already.
        end_marked(profile.directory, patience_seconds=_LEFT_OVER_SECONDS)
        stack = Stack.plan(profile)
        with running(stack, say):
            environment = {
                **os.environ,
                MARK: str(profile.directory),
                "TALLYSTICK_TEST_STACK": stack.test_stack(),
            }
            return _call(command, environment)


def _call(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run the command in our terminal; it is asked to end when we are ended."""
    process = subprocess.Popen(ending_with_us(command), env=environment)  # noqa: S603 - the caller's command
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(_COMMAND_END_SECONDS)


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
