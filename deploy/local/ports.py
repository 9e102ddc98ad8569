"""Free ports on the loopback interface."""

import random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LOWEST = 20_000
_ENOUGH = 5_000


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nobody listens on, and that no other launcher has chosen for its servers.

    To programs that do not ask here they are free at this moment, not reserved: a server that loses the race says so
    and is started again by the next `make`.
    """
    with ExitStack() as stack:
        ports = []
        for port in _candidates():
            listener = stack.enter_context(socket.socket())
            with suppress(OSError):
                listener.bind((LOOPBACK, port))
                _keep(port)
                ports.append(port)
            if len(ports) == count:
                return ports
    raise OSError("there are no free ports")


def _keep(port: int) -> None:
    """Keep a port for servers that we are going to start; raises OSError when another process has kept it."""
    mark = socket.socket(socket.AF_UNIX)
    try:
        mark.bind(f"\0tallystick port {port}")  # an abstract name (unix(7)): no file, nothing to be left behind
    except OSError:
        mark.close()
        raise
    mark.detach()  # it stays open until this process ends, however it ends


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
