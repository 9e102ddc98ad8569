"""A shape as a table of its fields."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tests.reference.shapes import JsonSchema

_SHOWN_CODES = 40
_KNOWN_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": "lower-case UUID",
        r"[\s\S]*\S": "not blank",
        "^[0-9a-f]{64}$": "64 lower-case hex digits",
        r"^[^\ud800-\udfff]*$": "valid text",
        r"^[\x20-\x7e]*$": "printable ASCII",
    }
)
_DECIMAL = re.compile(r"\^(?P<sign>-\?)?\[0-9\]\{1,(?P<digits>\d+)\}\(\\\.\[0-9\]\{1,(?P<decimals>\d+)\}\)\?\$")
_LISTS: Mapping[int, str] = MappingProxyType({249: "ISO 3166-1 alpha-2", 154: "ISO 4217"})


def of(shape: JsonSchema) -> str:
    """Return the table; a sentence where there is nothing to say."""
    if not shape["properties"]:
        return "No fields.\n"
    required = set(shape.get("required", ()))
    rows = [_row(name, each, required=name in required) for name, each in shape["properties"].items()]
    return "\n".join(["| field | type | required | limits | what it is |", "|---|---|---|---|---|", *rows, ""])


def _row(name: str, shape: JsonSchema, *, required: bool) -> str:
    limits = "; ".join(_limits(shape)).replace("|", "\\|")
    words = str(shape.get("description", "")).replace("\n", " ").replace("|", "\\|")
    return f"| `{name}` | {_type(shape)} | {'yes' if required else ''} | {limits} | {words} |"


def _type(shape: JsonSchema) -> str:
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in shape:
        return " or ".join(_type(each) for each in shape["anyOf"])
    kinds = shape.get("type", "any")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if "array" in kind:
        return f"array of {_type(shape['items'])}"
    return f"{kind} ({shape['format']})" if "format" in shape else kind


def _limits(shape: JsonSchema) -> Iterator[str]:
    if "enum" in shape:
        yield _codes(shape["enum"])
    for least, most, unit in (
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
        ("minimum", "maximum", ""),
    ):
        if least in shape or most in shape:
            yield _between(shape.get(least), shape.get(most)) + unit
    patterns = [shape, *shape.get("allOf", ())]
    for pattern in (each["pattern"] for each in patterns if "pattern" in each):
        yield _pattern(pattern)
    if shape.get("default") is not None:
        yield f"default `{shape['default']}`"
    if items := shape.get("items"):
        yield from (f"each {limit}" for limit in _limits(items))


def _codes(codes: list[object]) -> str:
    if len(codes) > _SHOWN_CODES:
        return _LISTS.get(len(codes), f"one of {len(codes)} codes, all in the record of this version")
    return "one of " + ", ".join("null" if code is None else f"`{code}`" for code in codes)


def _between(least: object, most: object) -> str:
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least is None else f"{least} to {most}"


def _pattern(pattern: str) -> str:
    if r"\u202e" in pattern:
        return "no control characters" + ("" if r"\x00-\x1f" in pattern else " but line feeds")
    if decimal := _DECIMAL.fullmatch(pattern):
        signed = "may be negative" if decimal["sign"] else "not negative"
        return f"decimal, {signed}, up to {decimal['digits']} digits and {decimal['decimals']} decimals"
    return _KNOWN_PATTERNS.get(pattern, f"`{pattern}`")
