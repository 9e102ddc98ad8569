"""Free ports on the loopback interface."""

import random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LOWEST = 20_000
_ENOUGH = 5_000


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nobody listens on.

    They are free at this moment, not reserved: a server that loses the race says so and is started again
    by the next `make`.
    """
    with ExitStack() as stack:
        ports = []
        for port in _candidates():
            listener = stack.enter_context(socket.socket())
            with suppress(OSError):
                listener.bind((LOOPBACK, port))
                ports.append(port)
            if len(ports) == count:
                return ports
    raise OSError("there are no free ports")


def _candidates() -> list[int]:
    """Return ports in random order, none from the range that outgoing connections take theirs from.

    A port of that range may be free when it is chosen and in use, as somebody's own end of a connection, when the
    server starts.
    """
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()[0])
    ports = list(range(_LOWEST, max(first_outgoing, _LOWEST + _ENOUGH)))
    random.shuffle(ports)
    return ports


def accepts_connections(port: int) -> bool:
    """Tell whether somebody listens on this loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False
