"""The marshmallow schemas as JSON Schema (2020-12), made by apispec: each named after its class, each once."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields, validate

import services.invoices.domain.document as documents
from tests.reference import saying
from tests.reference.field_words import FIELD_WORDS
from tests.reference.schema_words import SCHEMA_WORDS

JsonSchema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MEANT: Mapping[str, str] = MappingProxyType(
    {
        "ConfigureSellerRequest": "Seller",
        "SellerReply": "Seller",
        "RegisterCustomerRequest": "Customer",
        "ContentSchema": "Content",
    }
)
"""Which dataclass of the domain says what a schema's fields mean, where the names do not tell."""


class Shapes:
    """The schemas that are needed, and all that are nested in them."""

    def __init__(self, schemas: Iterable[Schema]) -> None:
        self._spec = APISpec("Tallystick", "1", "3.1.0", plugins=[_Plugin(schema_name_resolver=name_of)])
        for schema in schemas:
            if name_of(schema) not in self._spec.components.schemas:
                self._spec.components.schema(name_of(schema), schema=schema)

    @property
    def all(self) -> dict[str, JsonSchema]:
        """Return the schemas by name, sorted; references are `#/components/schemas/<name>`."""
        return dict(sorted(self._spec.components.schemas.items()))


def name_of(schema: Schema | type[Schema]) -> str:
    """Return the name of a schema: that of its class."""
    return schema.__name__ if isinstance(schema, type) else type(schema).__name__


def reference(schema: Schema) -> JsonSchema:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name_of(schema)}"}


class _Converter(OpenAPIConverter):
    """apispec's, but with every pattern, in the words of JSON Schema; with codes in order; and with descriptions."""

    def field2type_and_format(self, field: fields.Field[Any], **kwargs: Any) -> JsonSchema:  # noqa: ANN401 - as apispec
        """Return the type; a decimal that is dumped as a string is read from one too."""
        if isinstance(field, fields.Decimal) and field.as_string:
            return {"type": ["string", "number"]}
        found: JsonSchema = super().field2type_and_format(field, **kwargs)
        return found

    def field2pattern(self, field: fields.Field[Any], **_: object) -> JsonSchema:
        """Return all patterns: apispec takes the first."""
        found = [str(each.regex.pattern) for each in field.validators if isinstance(each, validate.Regexp)]
        written = [_ecma(pattern) for pattern in found if not isinstance(field, fields.Email | fields.UUID)]
        if len(written) > 1:
            return {"allOf": [{"pattern": pattern} for pattern in written]}
        return {"pattern": written[0]} if written else {}

    def field2choices(self, field: fields.Field[Any], **kwargs: Any) -> JsonSchema:  # noqa: ANN401 - as apispec has it
        """Return codes in an order that is the same every time."""
        found: JsonSchema = super().field2choices(field, **kwargs)
        if "enum" in found:
            found["enum"] = sorted(found["enum"], key=str)
        return found

    def metadata2properties(self, field: fields.Field[Any], **kwargs: Any) -> JsonSchema:  # noqa: ANN401 - as above
        """Return what is said of a field: at the field, below it, or below the attribute that it stands for."""
        found: JsonSchema = super().metadata2properties(field, **kwargs)
        if "description" not in found and (said := _said_of(field)):
            found["description"] = said
        return found

    def schema2jsonschema(self, schema: Schema) -> JsonSchema:
        """Return the schema with the docstring of its class, and what has to be there together."""
        found: JsonSchema = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]  # apispec does not type it
        needed = [{"required": sorted(names)} for names in getattr(schema, "needs_one_of", ())]
        return {"description": saying.words(type(schema)), **found, **({"anyOf": needed} if needed else {})}


class _Plugin(MarshmallowPlugin):
    """apispec's plugin, with our converter."""

    Converter = _Converter


def _said_of(field: fields.Field[Any]) -> str | None:
    owner = type(field.parent)
    if not issubclass(owner, Schema) or field.name is None:
        return None
    if said := saying.attributes(owner).get(field.name):
        return said
    for each in owner.__mro__:
        if said := SCHEMA_WORDS.get(f"{each.__name__}.{field.name}"):
            return said
    for each in owner.__mro__:
        name = each.__name__.removesuffix("Schema")
        meant = _domain().get(_MEANT.get(each.__name__, name)) or vars(sys.modules[each.__module__]).get(name)
        if isinstance(meant, type) and (said := saying.attributes(meant).get(field.name)):
            return said
    return FIELD_WORDS.get(field.name)


@cache
def _domain() -> dict[str, type]:
    """Return the dataclasses that documents are made of, by name."""
    names = [each.name for each in pkgutil.iter_modules(documents.__path__, f"{documents.__name__}.")]
    modules = [importlib.import_module(name) for name in names]
    return {name: each for module in modules for name, each in vars(module).items() if isinstance(each, type)}


def _ecma(pattern: str) -> str:
    """Return a pattern of Python as ECMA-262 has it, which JSON Schema uses."""
    dotall = pattern.startswith("(?s)")
    written = pattern.removeprefix("(?s)")
    written = re.sub(r"\\Z", "$", re.sub(r"\\A", "^", written))
    return written.replace(".*", r"[\s\S]*") if dotall else written
