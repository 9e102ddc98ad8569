"""A whole system of a benchmark's own: four service processes, broker and durable database, with one business."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from psycopg.conninfo import make_conninfo

from deploy.demo.people import Operator
from deploy.local import stack as local
from deploy.local.environment import client_environment
from deploy.local.profile import Profile
from deploy.local.program import MARK
from shared.messaging.client import RpcClient
from shared.messaging.settings import BusSettings, Environment
from tests.keyholder import Keyholder

_EMAIL = "olga@probe.example"
_PATIENCE = 60


@dataclass(frozen=True)
class System:
    """What runs."""

    owner: Keyholder
    stack: local.Stack

    def dsn(self, service: str) -> str:
        """Return how the administrator reaches a service's database."""
        return make_conninfo(self.stack.postgres.admin_dsn, dbname=f"tallystick_{service}")

    def peak_rss_mib(self, service: str) -> float:
        """Return the most memory that a service's process had, as the kernel remembers it."""
        mark = f"{MARK}={self.stack.profile.directory}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in (process / "environ").read_bytes().split(b"\0")
                command = (process / "cmdline").read_bytes().split(b"\0")
                if ours and command[-2:] == [f"services.{service}".encode(), b""]:  # not what runs beside it
                    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
                    return int(status["VmHWM"].split()[0]) / 1024
            except OSError:
                continue  # it ended meanwhile, or is not ours to look at
        raise LookupError(f"{service} does not run")


@contextmanager
def whole_system() -> Iterator[System]:
    """Run a system with one business and its owner; it ends with us, and leaves nothing."""
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as directory:
        profile = Profile("bench", Path(directory) / "system", complete=True, durable=True)
        with profile.hold():
            stack = local.Stack.plan(profile)
            with (
                local.running(stack, lambda _: None),
                patch.dict(os.environ, client_environment(stack.places)),
                RpcClient(BusSettings.read(Environment()), timeout=_PATIENCE) as client,
            ):
                operator = Operator(client, profile.secrets / "assertion-key-operator")
                told = operator.create_tenant("Probe", "Olga", _EMAIL)
                owner = Keyholder(client, str(told["tenant"]), _EMAIL)
                owner.enrol(str(told["invitation"]))
                yield System(owner, stack)
