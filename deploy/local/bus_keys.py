"""New keys for the bus, while the system runs: what is on its way goes on opening."""

import base64
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.secrets import bus_keys, publish_call_keys
from shared.crypto.envelope import KEY_BYTES
from shared.crypto.kek import decode_keys
from shared.crypto.private_files import changing, replace_private_file


def add_bus_keys(directory: Path, service: str) -> None:
    """Give a service a new key for calls to it, and for its events if it has any: it seals from now on.

    The service reads its file before the public half is published: killed in between, the next start publishes it, and
    until then callers seal to the key before. Raises KeyFileRefused, OSError.
    """
    _change(directory, service, lambda keys: [os.urandom(KEY_BYTES), *keys])


def drop_old_bus_keys(directory: Path, service: str) -> None:
    """Destroy all keys of a service but the newest: what was sealed under them is closed for good.

    Not before its calls are answered and its events out of their queues, dead letters too. Raises as `add_bus_keys`.
    """
    _change(directory, service, lambda keys: keys[:1])


def _change(directory: Path, service: str, change: Callable[[list[bytes]], Sequence[bytes]]) -> None:
    for name in bus_keys(service):
        path = directory / name
        with changing(path):
            lines = [base64.b64encode(key) + b"\n" for key in change(decode_keys(path))]
            replace_private_file(path, b"".join(lines))
    publish_call_keys(directory)
