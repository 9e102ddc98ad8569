"""When one JSON Schema takes the place of another without breaking whoever relied on it.

A request may become wider: everything that was accepted has to be accepted. A reply may become narrower: everything
that comes has to be what was promised; fields that were not promised may come along.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.reference.shapes import JsonSchema

_FORMS = ("format", "pattern", "allOf")
_LEAST, _MOST = ("minLength", "minItems", "minimum"), ("maxLength", "maxItems", "maximum")


@dataclass(frozen=True)
class Shape:
    """A schema, with those that it refers to."""

    schema: JsonSchema
    shapes: "Shapes"

    def __post_init__(self) -> None:
        """Follow a reference; what may be null besides is a type of its own."""
        schema = self.schema
        if "anyOf" in schema:
            inner = Shape(schema["anyOf"][0], self.shapes).schema
            schema = {**inner, "type": [inner["type"], "null"]}
        if "$ref" in schema:
            schema = self.shapes.schemas[schema["$ref"].rpartition("/")[2]]
        object.__setattr__(self, "schema", schema)

    @property
    def fields(self) -> dict[str, "Shape"]:
        """Return the fields of an object."""
        return {name: Shape(each, self.shapes) for name, each in self.schema.get("properties", {}).items()}

    @property
    def required(self) -> set[str]:
        """Return the names of the fields that are always there."""
        return set(self.schema.get("required", ()))

    @property
    def items(self) -> "Shape | None":
        """Return what an array holds."""
        return Shape(self.schema["items"], self.shapes) if "items" in self.schema else None

    @property
    def types(self) -> set[str]:
        """Return the types that a value may have; the empty set is any."""
        said = self.schema.get("type", [])
        return set(said) if isinstance(said, list) else {said}


@dataclass(frozen=True)
class Shapes:
    """Schemas by name."""

    schemas: Mapping[str, JsonSchema]

    def named(self, name: str) -> Shape:
        """Return one of them."""
        return Shape(self.schemas[name], self)


def breaks_of_request(before: Shape, now: Shape) -> Iterator[str]:
    """Yield what was accepted and is not any more."""
    yield from (f".{name} is gone" for name in sorted(before.fields.keys() - now.fields.keys()))
    yield from (f".{name} is required now" for name in sorted(now.required - before.required))
    yield from _inside(before, now, breaks_of_request)
    yield from _narrowed(wider=now, narrower=before)


def breaks_of_reply(before: Shape, now: Shape) -> Iterator[str]:
    """Yield what was promised and is not any more."""
    yield from (f".{name} is gone" for name in sorted(before.fields.keys() - now.fields.keys()))
    yield from (f".{name} is not always there" for name in sorted((before.required & now.fields.keys()) - now.required))
    yield from _inside(before, now, breaks_of_reply)
    yield from _narrowed(wider=before, narrower=now)


def _inside(before: Shape, now: Shape, breaks: Callable[[Shape, Shape], Iterator[str]]) -> Iterator[str]:
    for name in sorted(before.fields.keys() & now.fields.keys()):
        yield from (f".{name}{fault}" for fault in breaks(before.fields[name], now.fields[name]))
    if before.items is not None and now.items is not None:
        yield from (f"[]{fault}" for fault in breaks(before.items, now.items))


def _narrowed(*, wider: Shape, narrower: Shape) -> Iterator[str]:
    """Yield where a value that the narrower one allows is none that the wider one allows."""
    one, other = wider.schema, narrower.schema
    if wider.types and not (narrower.types and narrower.types <= wider.types):
        yield ": another type"
    yield from (f": another {form}" for form in _FORMS if form in one and one[form] != other.get(form))
    if "enum" in one and not ("enum" in other and set(other["enum"]) <= set(one["enum"])):
        yield ": other codes"
    for name in _LEAST:
        if name in one and not (name in other and other[name] >= one[name]):
            yield f": another {name}"
    for name in _MOST:
        if name in one and not (name in other and other[name] <= one[name]):
            yield f": another {name}"
