"""The event types that a service knows, by explicit name, and how old schemas become new ones."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from shared.eventstore.model import Payload

Upcaster = Callable[[Payload], Payload]
"""A pure function from the payload of one schema to the payload of the next."""


class EventTypeUnknown(Exception):
    """An event type, or a schema of it, that this program does not know: never skipped, never guessed."""


class EventRegistry:
    """The current schema number of every event type, and the upcasters that lead to it.

    `schemas` maps the type's name to its current schema, e.g. `{"InvoiceIssued": 2}`; `upcasters` maps (type, n) to
    the function from schema n to n + 1. Every step from 1 must be there, or the constructor raises ValueError.
    """

    def __init__(
        self,
        schemas: Mapping[str, int],
        upcasters: Mapping[tuple[str, int], Upcaster] = MappingProxyType({}),
    ) -> None:
        steps = {(type_name, step) for type_name, current in schemas.items() for step in range(1, current)}
        if steps != upcasters.keys():
            raise ValueError(f"upcasters missing or too many: {sorted(steps ^ upcasters.keys())}")
        self._schemas = dict(schemas)
        self._upcasters = dict(upcasters)

    def schema_of(self, type_name: str) -> int:
        """Return the current schema of a type; EventTypeUnknown."""
        try:
            return self._schemas[type_name]
        except KeyError:
            raise EventTypeUnknown(f"event type {type_name} is not known here") from None

    def upcast(self, type_name: str, schema: int, payload: Payload) -> Payload:
        """Return the payload in the type's current schema; EventTypeUnknown, also for a schema from the future."""
        current = self.schema_of(type_name)
        if not 1 <= schema <= current:
            raise EventTypeUnknown(f"schema {schema} of {type_name} is not known here")
        for step in range(schema, current):
            payload = self._upcasters[type_name, step](payload)
        return payload
