import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields, post_dump, pre_dump

from shared.messaging.dumping import dumper
from tests.reference.offered import offered

_REPLIES = {type(each.endpoint.reply): each.endpoint.reply for each in offered()}
_UNKNOWN = "named_by_no_schema"


class Colour(StrEnum):
    RED = "red"


_TEXTS = st.text(max_size=20)
_PLAIN: Mapping[type, st.SearchStrategy[Any]] = {
    fields.UUID: st.one_of(st.uuids(), st.uuids().map(str)),
    fields.Integer: st.one_of(st.integers(), st.booleans(), st.integers().map(str), st.decimals(-9, 9, places=1)),
    fields.String: st.one_of(_TEXTS, _TEXTS.map(str.encode), st.just(Colour.RED), st.decimals(), st.uuids()),
    fields.Email: _TEXTS,
    fields.Boolean: st.booleans(),
    fields.Raw: st.one_of(st.booleans(), _TEXTS, st.lists(st.integers(), max_size=2)),
    fields.Dict: st.dictionaries(st.one_of(_TEXTS, st.just(Colour.RED)), st.integers(), max_size=3),
}


def values(field: fields.Field[Any]) -> st.SearchStrategy[Any]:
    """What a field may be given: also what is not its type yet."""
    match field:
        case fields.Nested():
            return st.none() | replies(field.schema)
        case fields.List():
            listed = st.lists(values(field.inner), max_size=3)
            return st.one_of(st.none(), listed, listed.map(tuple))
        case _:
            return st.none() | _PLAIN[type(field)]


def replies(schema: Schema) -> st.SearchStrategy[Mapping[str, Any]]:
    """What an endpoint may answer: fields left out that need not be there, and more than the schema names."""
    named = {field.attribute or name: (field, values(field)) for name, field in schema.dump_fields.items()}
    there = {name: value for name, (field, value) in named.items() if field.required}
    perhaps = {name: value for name, (field, value) in named.items() if not field.required}
    reply = st.fixed_dictionaries({**there, _UNKNOWN: st.text(max_size=3)}, optional=perhaps)
    return reply | reply.map(MappingProxyType)


@pytest.mark.parametrize("schema", _REPLIES.values(), ids=[kind.__name__ for kind in _REPLIES])
@settings(max_examples=8)
@given(data=st.data())
def test_a_reply_is_written_as_its_schema_dumps_it(schema: Schema, data: st.DataObject) -> None:
    reply = data.draw(replies(schema))
    written = dumper(schema)(reply)
    assert written == schema.dump(reply)
    assert _types(written) == _types(schema.dump(reply))
    assert _UNKNOWN not in repr(written)


def test_an_object_is_written_by_its_attributes() -> None:
    @dataclass(frozen=True, slots=True)
    class Halt:
        name: str
        secret: str

    class Halts(Schema):
        halts = fields.List(fields.Nested(Schema.from_dict({"name": fields.String()})))

    assert dumper(Halts())({"halts": [Halt("relay", "s")]}) == {"halts": [{"name": "relay"}]}


def test_a_field_that_is_not_there_is_left_out_whatever_it_is_called() -> None:
    """Of a dictionary `Schema.dump` would take the method of that name."""
    assert dumper(Schema.from_dict({"items": fields.List(fields.String())})())({}) == {}


def test_a_schema_that_does_more_than_write_its_fields_is_refused() -> None:
    class Before(Schema):
        @pre_dump
        def _change(self, reply: object, **_: object) -> object:
            return reply

    class After(Schema):
        @post_dump
        def _change(self, reply: object, **_: object) -> object:
            return reply

    class Elsewhere(Schema):
        def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:  # noqa: ANN401 - as marshmallow's
            return super().get_attribute(obj, attr, default)

    for schema in (Before(), After(), Elsewhere(), Schema(many=True)):
        with pytest.raises(TypeError):
            dumper(schema)


def test_a_field_that_is_written_otherwise_than_in_any_reply_is_refused() -> None:
    class Shouted(fields.String):
        pass

    text = fields.String()
    for field in (
        *(Shouted(), fields.String(dump_default=""), fields.Integer(as_string=True), fields.Decimal()),
        *(fields.Nested(Schema, many=True), fields.List(Shouted()), fields.Dict(), fields.Dict(text, text)),
    ):
        with pytest.raises(TypeError):
            dumper(Schema.from_dict({"field": field})())


def _types(written: object) -> object:
    """A number that is a truth value is equal to it."""
    match written:
        case dict():
            return {key: _types(value) for key, value in written.items()}
        case list():
            return [_types(each) for each in written]
        case _:
            return type(written)


def test_an_id_is_written_as_text() -> None:
    one = uuid.uuid4()
    assert dumper(Schema.from_dict({"one": fields.UUID()})())({"one": one}) == {"one": str(one)}
