"""The names on the bus, and what each broker user may do with them.

nameko's names, so that other nameko services find their way: exchange `nameko-rpc` with queue `rpc-<service>` for
calls, `<service>.events` for events, queue `evt-<source>-<type>--<service>.<method>` for one subscriber.
"""

import re

from shared.contracts.events import PUBLIC_EVENTS

RPC_EXCHANGE = "nameko-rpc"
CLIENT = "client"
"""The broker user of the command line and other callers that serve nothing."""
_CLIENT_REPLIES = "standalone_rpc_proxy"
"""What nameko calls a caller that is not a service."""


def event_exchange(service: str) -> str:
    """Return the topic exchange on which a service's events appear, with their type as routing key."""
    return f"{service}.events"


def event_queue(source: str, event_type: str, service: str, method: str) -> str:
    """Return the durable queue of one subscribing method."""
    return f"evt-{source}-{event_type}--{service}.{method}"


def dead_letter_exchange(service: str) -> str:
    """Return the fanout exchange to which a service's queues give what they refuse."""
    return f"{service}.dead"


def dead_letter_queue(service: str) -> str:
    """Return the durable queue in which what a service refused is kept for the operator."""
    return f"dead-{service}"


def broker_permissions(user: str) -> tuple[str, str, str]:
    """Return RabbitMQ's (configure, write, read) patterns of a service's user, or of `client`.

    A service may make, fill and read its own queues, call others, and publish its own events; it can neither read
    another service's queue nor publish events in its name. Two rights are wider than one would wish: whoever answers
    calls may write to the exchange of all calls (nameko has one for calls and answers), and whoever subscribes
    declares the source's exchange, so that start order does not matter.
    """
    rpc, replies = re.escape(RPC_EXCHANGE), rf"rpc\.reply-{_CLIENT_REPLIES}-.*"
    if user == CLIENT:
        return _any(rpc, replies), _any(rpc, replies), _any(rpc, replies)
    name = re.escape(user)
    queues = [
        f"rpc-{name}",
        rf"rpc\.reply-{name}-.*",
        rf"evt-[^-]+-[^-]+--{name}\.[A-Za-z0-9_]+",
        f"dead-{name}",
    ]
    own = [re.escape(event_exchange(user)), re.escape(dead_letter_exchange(user))]
    sources = [re.escape(event_exchange(source)) for source in _sources(user)]
    configure = _any(rpc, *queues, *own, *sources)
    write = _any(rpc, *queues, *own)
    read = _any(rpc, *queues, *own, *sources)
    return configure, write, read


def _sources(subscriber: str) -> list[str]:
    return [
        source
        for source, events in PUBLIC_EVENTS.items()
        if any(event.required_subscriber == subscriber for event in events.values())
    ]


def _any(*patterns: str) -> str:
    return f"^({'|'.join(patterns)})$"
