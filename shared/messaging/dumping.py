"""What of a reply goes out: the fields that its schema names, and nothing else.

marshmallow's own `Schema.dump` finds out for each value anew where to look it up and what its field does with it; for a
page of fifty rows that took as long as opening them did. Both depend on the schema alone, and so are worked out once,
when an endpoint is declared. What comes out is the same: tests/unit/messaging/test_dumping.py compares the two for all
replies. Only what replies are made of is known here, and a schema with anything else is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from marshmallow import Schema, fields, missing
from marshmallow.decorators import POST_DUMP, PRE_DUMP
from marshmallow.utils import ensure_text_type, get_value

Dump = Callable[[Any], dict[str, Any]]
"""Takes a mapping, or an object with attributes."""
_Write = Callable[[Any], Any]


def dumper(schema: Schema) -> Dump:
    """Return what does as `schema.dump` does; TypeError for a schema that does more than is known here."""
    kind, hooks = type(schema), schema._hooks  # noqa: SLF001 - told nowhere else
    if schema.many or hooks[PRE_DUMP] or hooks[POST_DUMP] or kind.get_attribute is not Schema.get_attribute:
        raise TypeError(f"{kind.__name__} does more than write its fields")
    plan = [
        (field.data_key or name, field.attribute or name, _writer(field)) for name, field in schema.dump_fields.items()
    ]

    def dump(reply: Any) -> dict[str, Any]:  # noqa: ANN401 - as `Schema.dump`
        value_of = reply.get if type(reply) is dict else partial(get_value, reply)
        written = {}
        for key, name, write in plan:
            value = value_of(name, missing)
            if value is not missing:
                written[key] = None if value is None else write(value)
        return written

    return dump


def _as_it_is(value: object) -> object:
    return value


def _text(value: Any) -> str:  # noqa: ANN401 - as `Schema.dump`
    return value if type(value) is str else ensure_text_type(value)


def _keyed(write: _Write) -> _Write:
    return lambda values: {write(key): value for key, value in values.items()}


def _each(write: _Write) -> _Write:
    def each(values: Iterable[object]) -> list[object]:
        return [None if value is None else write(value) for value in values]

    return each


_PLAIN: Mapping[type, _Write] = {
    fields.String: _text,
    fields.Email: _text,
    fields.UUID: str,
    fields.Integer: int,
    fields.Boolean: _as_it_is,
    fields.Raw: _as_it_is,
}
_COMPOSED: Mapping[type, Callable[[Any], _Write | None]] = {
    fields.Nested: lambda field: None if field.many else dumper(field.schema),
    fields.List: lambda field: _each(_writer(field.inner)),
    fields.Dict: lambda field: (
        None if field.value_field or field.key_field is None else _keyed(_writer(field.key_field))
    ),
}
"""By exact type, because a subclass may write otherwise; None for what is set otherwise than in any reply."""


def _writer(field: fields.Field[Any]) -> _Write:
    """Return what writes a value of the field that is there and not None."""
    kind = type(field)
    write = _PLAIN[kind] if kind in _PLAIN else _COMPOSED.get(kind, lambda _: None)(field)
    if write is None or field.dump_default is not missing or getattr(field, "as_string", False):
        raise TypeError(f"how a {kind.__name__} of this kind is written is not known here")
    return write
