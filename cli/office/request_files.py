"""Requests of many fields as files: YAML, and so JSON, read with every scalar as it is written.

A post code is no number, least of all one that begins with 0, and an amount is no binary fraction. Which fields are
numbers or true and false, the contract says; what else is wrong, the service says, field by field.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from cli.files import FileUnreadable, read_yaml

_FLAGS = {"true": True, "false": False}


def request_in(typed: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Return the request that the file of a command holds; FileUnreadable."""
    path = typed["file"]
    said = read_yaml(path, as_written=True)
    if not isinstance(said, dict):
        raise FileUnreadable(f"{path} holds no fields; print a sample with the command `template`.")
    return dict(_typed(said, schema))


def _typed(said: Mapping[Any, Any], schema: Schema) -> Mapping[str, Any]:
    return {str(name): _value(value, schema.fields.get(name)) for name, value in said.items()}


def _value(value: object, field: fields.Field[Any] | None) -> object:
    if isinstance(field, fields.Nested) and isinstance(value, dict):
        return _typed(value, field.schema)
    if isinstance(field, fields.List) and isinstance(value, list):
        return [_value(each, field.inner) for each in value]
    if isinstance(field, fields.Boolean) and isinstance(value, str):
        return _FLAGS.get(value, value)
    if isinstance(field, fields.Integer) and isinstance(value, str) and value.isdecimal() and value.isascii():
        return int(value)
    return value


def change_in(typed: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Return the change that a file holds which `show` printed and somebody edited; FileUnreadable.

    As of the version that was shown: what somebody else wrote meanwhile is not undone. What no change says, a state or
    a sum, is passed over.
    """
    said = request_in(typed, schema)
    if not str(version := said.get("version", "")).isdecimal():
        raise FileUnreadable(f"{typed['file']} says no version: save what `show` prints, change it, and use that.")
    return {**{name: said[name] for name in schema.fields if name in said}, "expected_version": int(version)}
