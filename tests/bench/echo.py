"""A bare nameko service, as nameko's manual writes one: what a call costs before anything is done with it."""

# ruff: noqa: E402 - a green process is made green before anything else is imported
import eventlet

eventlet.monkey_patch()

import os

from nameko.rpc import rpc
from nameko.runners import ServiceRunner

NAME = "echo"


class Echo:
    """Says what it is told."""

    name = NAME

    @rpc  # type: ignore[untyped-decorator]  # nameko publishes no types
    def echo(self, said: object) -> object:
        """Return it."""
        return said


if __name__ == "__main__":
    runner = ServiceRunner({"AMQP_URI": os.environ["ECHO_AMQP_URI"], "serializer": "json", "max_workers": 10})
    runner.add_service(Echo)
    runner.start()
    runner.wait()
