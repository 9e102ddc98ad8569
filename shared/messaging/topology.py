"""The names on the bus, and what each broker user may do with them.

nameko's names, so that other nameko services find their way: exchange `nameko-rpc` with queue `rpc-<service>` for
calls, `<service>.events` for events, queue `evt-<source>-<type>--<service>.<method>` for one subscriber.
"""

import re

from shared.contracts.events import PUBLIC_EVENTS, PublicEvent

EventEnds = tuple[str, str]
"""The service that publishes an event, and the one that reads it."""
RPC_EXCHANGE = "nameko-rpc"
CLIENT = "client"
"""The broker user of the command line and other callers that serve nothing."""
_CLIENT_REPLIES = "standalone_rpc_proxy"
"""What nameko calls a caller that is not a service."""
REPLY_KEY = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""The routing key of the answers to one caller: a random UUID that nobody can guess."""


def event_exchange(service: str) -> str:
    """Return the topic exchange on which a service's events appear, with their type as routing key."""
    return f"{service}.events"


def event_queue(source: str, event_type: str, service: str, method: str) -> str:
    """Return the durable queue of one subscribing method."""
    return f"evt-{source}-{event_type}--{service}.{method}"


def client_replies(key: str) -> str:
    """Return the queue of the answers to a caller that serves nothing, by the routing key of these answers."""
    return f"rpc.reply-{_CLIENT_REPLIES}-{key}"


def is_others_exchange(exchange: str, service: str) -> bool:
    """Tell whether an exchange is not the service's own: then it is there from deployment, and looked for only."""
    return exchange not in {event_exchange(service), dead_letter_exchange(service)}


def exchanges() -> tuple[str, ...]:
    """Return the topic exchanges that more than one user touches: made at deployment, all durable."""
    return (RPC_EXCHANGE, *(event_exchange(service) for service, events in PUBLIC_EVENTS.items() if events))


def event_ends(source: str, event: PublicEvent) -> EventEnds:
    """Return between whom an event passes: what nobody must have is the source's own until somebody subscribes."""
    return source, event.required_subscriber or source


def event_keys_of(service: str) -> tuple[EventEnds, ...]:
    """Return the pairs of source and subscriber that a service is one of, and whose event keys it therefore holds."""
    return tuple(ends for ends in all_event_ends() if service in ends)


def all_event_ends() -> tuple[EventEnds, ...]:
    """Return every pair of source and subscriber between whom events pass, each once, sorted."""
    pairs = {event_ends(source, event) for source, events in PUBLIC_EVENTS.items() for event in events.values()}
    return tuple(sorted(pairs))


def dead_letter_exchange(service: str) -> str:
    """Return the fanout exchange to which a service's queues give what they refuse."""
    return f"{service}.dead"


def dead_letter_queue(service: str) -> str:
    """Return the durable queue in which what a service refused is kept for the operator."""
    return f"dead-{service}"


def broker_permissions(user: str) -> tuple[str, str, str]:
    """Return RabbitMQ's (configure, write, read) patterns of a service's user, or of `client`.

    A service may make, fill and read its own queues, call others, and publish its own events; it can neither read
    another service's queue nor publish events in its name. Nobody declares an exchange of others: those are there from
    deployment (`exchanges`), because whoever may declare one may also delete it, and make another kind in its place.
    What passes through the exchange of all calls and answers (nameko has one) is narrowed by `call_permissions`.
    """
    rpc, replies = re.escape(RPC_EXCHANGE), rf"rpc\.reply-{_CLIENT_REPLIES}-.*"
    if user == CLIENT:
        return _any(replies), _any(rpc, replies), _any(rpc, replies)
    name = re.escape(user)
    queues = [
        f"rpc-{name}",
        rf"rpc\.reply-{name}-.*",
        rf"evt-[^-]+-[^-]+--{name}\.[A-Za-z0-9_]+",
        f"dead-{name}",
    ]
    own = [re.escape(event_exchange(user)), re.escape(dead_letter_exchange(user))]
    sources = [re.escape(event_exchange(source)) for source in _sources(user)]
    configure = _any(*queues, *own)
    write = _any(rpc, *queues, *own)
    read = _any(rpc, *queues, *own, *sources)
    return configure, write, read


def call_permissions(user: str) -> tuple[str, str]:
    """Return RabbitMQ's (write, read) patterns of routing keys for calls and answers: its topic permissions.

    Whoever may read from an exchange may bind a queue of theirs to it with any key, `#` too, and would overhear every
    call and every answer, and could answer in the place of others. So a client hears the answers to itself and no
    calls, a service the calls to itself; and a client only calls, and answers nobody.
    """
    calls = rf"({'|'.join(re.escape(service) for service in PUBLIC_EVENTS)})\.[A-Za-z0-9_]+"
    if user == CLIENT:
        return _any(calls), _any(REPLY_KEY)
    return _any(calls, REPLY_KEY), _any(rf"{re.escape(user)}\.\*", REPLY_KEY)


def _sources(subscriber: str) -> list[str]:
    return [
        source
        for source, events in PUBLIC_EVENTS.items()
        if any(event.required_subscriber == subscriber for event in events.values())
    ]


def _any(*patterns: str) -> str:
    return f"^({'|'.join(patterns)})$"
