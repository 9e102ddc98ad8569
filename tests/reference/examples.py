"""Examples: for each shape the smallest one that its schema accepts; a text of which nothing is known is its name."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from tests.reference.field_words import FIELD_EXAMPLES
from tests.reference.shapes import JsonSchema, name_of


class NoExample(Exception):
    """No example of a request is accepted; names the schema."""


def request_example(schema: Schema, shapes: Mapping[str, JsonSchema]) -> dict[str, Any]:
    """Return a request with what is required, and with so much of the rest as makes it acceptable; NoExample."""
    shape = shapes[name_of(schema)]
    least = _object(shape, shapes)
    optional = {name: _value(name, each, shapes) for name, each in shape["properties"].items() if name not in least}
    for more in ({}, *({name: value} for name, value in optional.items())):
        if not schema.validate(least | more):
            return least | more
    raise NoExample(name_of(schema))


def reply_example(schema: Schema, shapes: Mapping[str, JsonSchema]) -> dict[str, Any]:
    """Return a reply with what is always there."""
    return _object(shapes[name_of(schema)], shapes)


def _object(shape: JsonSchema, shapes: Mapping[str, JsonSchema]) -> dict[str, Any]:
    required = {*shape.get("required", ()), *shape.get("anyOf", [{}])[0].get("required", ())}
    return {name: _value(name, each, shapes) for name, each in shape["properties"].items() if name in required}


def _value(name: str, shape: JsonSchema, shapes: Mapping[str, JsonSchema]) -> object:
    if "$ref" in shape:
        return _object(shapes[shape["$ref"].rpartition("/")[2]], shapes)
    if "anyOf" in shape:
        return _value(name, shape["anyOf"][0], shapes)
    if _fits(FIELD_EXAMPLES.get(name), shape):
        return FIELD_EXAMPLES[name]
    for said in (shape.get("examples"), shape.get("enum")):
        if said:
            return said[0]
    return _plain(name, shape, shapes)


def _fits(example: str | None, shape: JsonSchema) -> bool:
    if example is None or shape.get("type") != "string":
        return False
    return example in shape.get("enum", [example]) and re.search(shape.get("pattern", ""), example) is not None


def _plain(name: str, shape: JsonSchema, shapes: Mapping[str, JsonSchema]) -> object:
    kinds = shape.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "array":
        return [_value(name, shape["items"], shapes)] * max(shape.get("minItems", 1), 1)
    if kind == "integer":
        return max(shape.get("minimum", 0), 0)
    by_kind = {"boolean": True, "number": 0, "object": {}}
    by_format = {"email": "ada@example.org", "date-time": "2026-11-22T09:00:00Z"}
    by_format |= {"uuid": "019aa0e5-0000-7000-8000-00000000000c"}
    return by_kind.get(kind, by_format.get(shape.get("format", ""), name))
