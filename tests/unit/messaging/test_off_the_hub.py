"""What waits in C, as a token's library does, waits in a native thread: everything else of the process goes on."""

import subprocess
import sys
from pathlib import Path

GREEN = """
from shared.messaging import green
green.patch()
import eventlet
from eventlet import patcher
threading = patcher.original("threading")
others_ran = threading.Event()

class Key:
    def unwrap(self):
        # Set by a green thread: if this waited on the hub, nobody could ever set it.
        return others_ran.wait(timeout=100)

class Token:
    def newest(self):
        return Key()

key = green.off_the_hub(Token(), Key).newest()
eventlet.spawn_after(0.01, others_ran.set)
print("others ran" if key.unwrap() else "the hub stood still")
"""


def test_others_run_while_a_device_is_waited_for() -> None:
    command = [sys.executable, "-W", "ignore", "-c", GREEN]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=root, env={}, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "others ran"), done.stderr
