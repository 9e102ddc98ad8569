"""What `python -m services.<name>` does: serve, or drop the read models and replay the log into them.

A service's `__main__` makes the process green before it imports anything else, and then calls `main`.
"""

import argparse
import sys
from collections.abc import Callable

from shared.messaging import worker
from shared.messaging.endpoints import BaseService
from shared.messaging.settings import Environment, WorkerSettings, read_or_exit
from shared.observability import logging


def main(
    service: type[BaseService],
    *,
    settings: Callable[[Environment], object],
    rebuild: Callable[[Environment], None] | None = None,
) -> int:
    """Serve until a signal says stop, or rebuild; return the exit code.

    `settings` reads everything that the service needs. `rebuild` is None for a service without read models. Exit
    codes: 0, 1 when calls were cut off, 2 for a wrong argument or setting.
    """
    if _action(service) == "serve":
        read_or_exit(settings)  # a wrong setting ends the process now, not every container that it starts
        return worker.run(service, read_or_exit(WorkerSettings.read))
    if rebuild is None:
        sys.stdout.write(f"{service.name} has no read models: there is nothing to rebuild.\n")
        return 0
    logging.configure(service.name)
    read_or_exit(rebuild)
    return 0


def _action(service: type[BaseService]) -> str:
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{service.name}",
        description=f"{service.__doc__} Settings come from the environment: docs/settings.md.",
    )
    parser.add_argument(
        "action",
        nargs="?",
        default="serve",
        choices=("serve", "rebuild"),
        help="serve calls (the default), or drop the read models and replay the log into them",
    )
    return str(parser.parse_args().action)
