"""Who may do what on the broker: patterns over the names of exchanges and queues."""

import re
from typing import NamedTuple

ADMINISTRATOR = "admin"
SERVICES = ("auth", "invoices", "notifier", "backup")
BROKER_USERS = (*SERVICES, "client", ADMINISTRATOR)


class PermissionPatterns(NamedTuple):
    """RabbitMQ's three regular expressions."""

    configure: str
    write: str
    read: str


def permission_patterns(user: str) -> PermissionPatterns:
    """Return what the user may configure, write and read."""
    if user == ADMINISTRATOR:
        return PermissionPatterns(".*", ".*", ".*")
    name = re.escape(user)
    own = rf"^(nameko-rpc|rpc-{name}|rpc\.reply-.*|rpc\.listener-.*|{name}\.events|evt-.*--{name}\..*)$"
    return PermissionPatterns(own, own.replace("(", r"(amq\.default|", 1), own.replace("(", r"([a-z]+\.events|", 1))
