"""What `python -m services.<name>` does: serve, fill the read models from the log again, or rotate keys.

A service's `__main__` makes the process green before it imports anything else, and then calls `main`.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from shared.crypto.kek import UnwrapFailed
from shared.crypto.keyring import KeyShredded, KeyUnknown
from shared.crypto.pkcs11_kek import TokenRefused
from shared.crypto.private_files import KeyFileRefused
from shared.crypto.rotation import IndexKeyFixed
from shared.eventstore import rebuild as rebuilding
from shared.messaging import key_rotation, worker
from shared.messaging.endpoints import BaseService
from shared.messaging.progress_bar import progress_bar
from shared.messaging.settings import Environment, WorkerSettings, read_or_exit
from shared.observability import logging

FAILED_EXIT = 1
Rebuild = Callable[[Environment, rebuilding.Progress], None]


@dataclass(frozen=True, slots=True)
class Beside:
    """Work of a service that has a process of its own."""

    meaning: str
    work: Callable[[Environment], None]
    """Goes on until the process is ended; SettingInvalid."""


def main(
    service: type[BaseService],
    *,
    settings: Callable[[Environment], object],
    rebuild: Rebuild | None = None,
    beside: Mapping[str, Beside] = MappingProxyType({}),
) -> int:
    """Do what the arguments say until it is done, or until a signal says stop; return the exit code.

    `settings` reads everything that the service needs. `rebuild` is None for a service without a log: it has neither
    read models nor keys. `beside`: what else it does, by the name of the action. Exit codes: 0, 1 when calls were cut
    off or the work was refused, 2 for a wrong argument or setting.
    """
    parser = _parser(service, beside, has_log=rebuild is not None)
    arguments = parser.parse_args()
    if arguments.action in {None, "serve"}:
        read_or_exit(settings)  # a wrong setting ends the process now, not every container that it starts
        return worker.run(service, read_or_exit(partial(WorkerSettings.read, service=service.name)))
    logging.configure(service.name)
    if arguments.action in beside:
        read_or_exit(beside[arguments.action].work)
        return 0
    if arguments.action == "rotate-keys":
        return _rotate_keys(service.name, key_rotation.Order.parse(parser, arguments))
    if rebuild is None:
        sys.stdout.write(f"{service.name} has no read models: there is nothing to rebuild.\n")
        return 0
    return _rebuild(service.name, rebuild)


def _rebuild(name: str, rebuild: Rebuild) -> int:
    try:
        with progress_bar(f"Rebuilding {name}", "events") as show:
            read_or_exit(lambda environment: rebuild(environment, show))
    except rebuilding.RebuildRefused as refused:
        sys.stderr.write(f"{refused}. The read models are as they were.\n")
        return FAILED_EXIT
    return 0


def _rotate_keys(name: str, order: key_rotation.Order) -> int:
    try:
        key_rotation.run(name, order)
    except (KeyUnknown, KeyShredded, UnwrapFailed, IndexKeyFixed, KeyFileRefused, TokenRefused, OSError) as refused:
        sys.stderr.write(f"{refused}. What was rotated before stays rotated.\n")
        return FAILED_EXIT
    return 0


def _parser(service: type[BaseService], beside: Mapping[str, Beside], *, has_log: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{service.name}",
        description=f"{service.__doc__} Settings come from the environment: docs/settings.md.",
    )
    actions = parser.add_subparsers(dest="action", metavar="action")
    actions.add_parser("serve", help="serve calls (the default)")
    actions.add_parser("rebuild", help="fill the read models from the log again, while the others serve")
    for action, other in beside.items():
        actions.add_parser(action, help=other.meaning)
    if has_log:
        key_rotation.Order.add_arguments(
            actions.add_parser("rotate-keys", help="rotate keys of one level, while the others serve")
        )
    return parser
