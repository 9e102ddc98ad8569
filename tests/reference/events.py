"""docs/asyncapi.yaml: what services publish, as AsyncAPI 3.0."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from shared.contracts.events import PUBLIC_EVENTS, PublicEvent, PublishedEventSchema
from shared.contracts.version import CONTRACT_VERSION
from shared.messaging.serializer import CONTENT_ENCODING, CONTENT_TYPE
from shared.messaging.topology import event_ends, event_exchange
from tests.reference import saying
from tests.reference.shapes import Shapes, name_of

Node = dict[str, Any]
_ABOUT = """\
What the services of Tallystick publish: thin events that say what happened and where to read it, and no content.
Made from the code by `make docs`. How to subscribe: integrating.md.

An event goes to the durable topic exchange of its source with its type as routing key, persistent, with publisher
confirms, at least once; `id` is the same each time. A subscriber binds a durable queue of its own,
`evt-<source>-<type>--<service>.<method>`. What travels is the body `SealedBody`; the payloads below are what is inside.
It is sealed under a key that source and subscriber share, bound to exchange, type and message id (formats.md).
"""
_SEALED: Node = {
    "type": "object",
    "description": "The body that travels: the name of a key and what is sealed under it.",
    "properties": {
        "key": {"type": "string", "description": "first 16 hex digits of an HMAC of the event key", "minLength": 1},
        "sealed": {"type": "string", "contentEncoding": "base64", "description": "a sealed payload: formats.md"},
    },
    "required": ["key", "sealed"],
    "additionalProperties": False,
}


def document() -> Node:
    """Return the AsyncAPI document."""
    published = list(_published())
    payload = name_of(PublishedEventSchema)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tallystick events",
            "version": str(CONTRACT_VERSION),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {_name(source, kind): _channel(source, kind) for source, kind, _ in published},
        "operations": {f"publish_{_name(*each[:2])}": _operation(*each) for each in published},
        "components": {
            "messages": {_name(source, kind): _message(source, kind, event) for source, kind, event in published},
            "schemas": {payload: Shapes([PublishedEventSchema()]).all[payload], "SealedBody": _SEALED},
        },
    }


def as_yaml() -> str:
    """Return the document as it is kept."""
    return yaml.dump(document(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as it reads."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _published() -> Iterator[tuple[str, str, PublicEvent]]:
    for source, events in PUBLIC_EVENTS.items():
        for kind, event in events.items():
            yield source, kind, event


def _name(source: str, kind: str) -> str:
    return f"{source}_{kind}"


def _channel(source: str, kind: str) -> Node:
    exchange = {"name": event_exchange(source), "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"}
    return {
        "address": kind,
        "description": f"Exchange `{event_exchange(source)}`, routing key `{kind}`.",
        "messages": {kind: {"$ref": f"#/components/messages/{_name(source, kind)}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _operation(source: str, kind: str, event: PublicEvent) -> Node:
    channel = f"#/channels/{_name(source, kind)}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{kind}"}],
        "bindings": {
            "amqp": {"deliveryMode": 2, "mandatory": event.required_subscriber is not None, "bindingVersion": "0.3.0"}
        },
    }


def _message(source: str, kind: str, event: PublicEvent) -> Node:
    return {
        "name": kind,
        "title": f"{source}: {kind}",
        "summary": _words(source, kind),
        "description": _key(source, event),
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": f"#/components/schemas/{name_of(PublishedEventSchema)}"},
                {"properties": {"type": {"const": kind}}},
            ]
        },
        "bindings": {
            "amqp": {"contentEncoding": CONTENT_ENCODING, "messageType": kind, "bindingVersion": "0.3.0"},
        },
        "x-sealed-body": {"$ref": "#/components/schemas/SealedBody"},
        "x-event-key": _ends(source, event),
    }


def _ends(source: str, event: PublicEvent) -> Mapping[str, str]:
    return dict(zip(("source", "subscriber"), event_ends(source, event), strict=True))


def _key(source: str, event: PublicEvent) -> str:
    if event.required_subscriber is None:
        return f"Nobody has to receive it: sealed under a key of {source}'s own until a subscriber is named."
    return (
        f"Sealed under the event key that {source} and {event.required_subscriber} share. It waits in {source}'s log "
        f"until {event.required_subscriber} has a queue for it."
    )


def _words(source: str, kind: str) -> str:
    """Return what the event's class says of itself, in the service that records it."""
    recorded = vars(importlib.import_module(f"services.{source}.domain.events"))[kind]
    return " ".join(saying.words(recorded).split())
