"""docs/rpc.md: every method of every service, and every shape, in Markdown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from marshmallow import Schema

from shared.contracts.version import CONTRACT_VERSION, RELEASED
from shared.messaging.command_hash import Retry
from shared.messaging.step_up import StepUp
from tests.reference import field_table
from tests.reference.examples import reply_example, request_example
from tests.reference.offered import Offered
from tests.reference.shapes import JsonSchema, name_of

_OPENING = Path(__file__).with_name("opening.md")
_LONGEST_LINE = 160
_PROOF: Mapping[StepUp, str] = {
    StepUp.NEVER: "not needed",
    StepUp.WHERE_ASKED: "asked for where it matters (`step_up_needed`)",
    StepUp.ALWAYS: "needed every time (`step_up_needed`)",
}
_RETRY: Mapping[Retry, str] = {
    Retry.BY_CALLER: "the same key gives the same caller the first answer",
    Retry.BY_ANYBODY: "the same key gives anybody who may do this the first answer",
}


def page(methods: Sequence[Offered], shapes: Mapping[str, JsonSchema]) -> str:
    """Return the document."""
    state = "released" if RELEASED else "not released yet: it may still change from one commit to the next"
    opening = _OPENING.read_text("utf-8").replace("{version}", str(CONTRACT_VERSION)).replace("{state}", state)
    by_place: dict[tuple[str, ...], list[Offered]] = {}
    for same in _same(methods):
        by_place.setdefault(tuple(each.service for each in same), []).append(same[0])
    parts = [opening]
    for place in sorted(by_place, key=lambda services: (-len(services), services)):
        parts += [f"## {', '.join(place)}\n", _overview(place, by_place[place])]
        parts += [_method(place, each, shapes) for each in by_place[place]]
    roots = {name_of(schema) for each in methods for schema in (each.endpoint.request, each.endpoint.reply)}
    parts.append("## Shapes\n\nWhat requests and replies are made of.\n")
    parts += [_shape(name, shape) for name, shape in shapes.items() if name not in roots or _is_nested(name, shapes)]
    return "\n".join(parts)


def _same(methods: Sequence[Offered]) -> list[list[Offered]]:
    """Put together what is one method, offered by several services."""
    by_endpoint: dict[int, list[Offered]] = {}
    for each in methods:
        by_endpoint.setdefault(id(each.endpoint), []).append(each)
    return list(by_endpoint.values())


def _overview(place: Sequence[str], methods: Sequence[Offered]) -> str:
    rows = []
    for each in methods:
        link = f"[`{each.method}`](#{_heading(place, each).replace('.', '').replace(' ', '-')})"
        rows.append(f"| {link} | {each.endpoint.kind} | `{each.permission}` | {_first_line(each.words)} |")
    return "\n".join(["| method | kind | permission | what it does |", "|---|---|---|---|", *rows, ""])


def _heading(place: Sequence[str], method: Offered) -> str:
    return method.name if len(place) == 1 else f"{method.method} of each"


def _method(place: Sequence[str], method: Offered, shapes: Mapping[str, JsonSchema]) -> str:
    endpoint = method.endpoint
    lines = [f"### {_heading(place, method)}\n", f"{method.words}\n", *_facts(method), ""]
    lines += [_fields("Request", endpoint.request, shapes), _fields("Reply", endpoint.reply, shapes)]
    lines += [f"```json\n{each}\n```\n" for each in _example(method, shapes)]
    return "\n".join(lines)


def _facts(method: Offered) -> Iterator[str]:
    endpoint = method.endpoint
    yield f"- {endpoint.kind}, permission `{method.permission}`"
    if endpoint.judges:
        judged = ", ".join(f"`{each.value}`" for each in sorted(endpoint.judges))
        yield f"- a grant may be limited by {judged}"
    if endpoint.step_up is not StepUp.NEVER:
        yield f"- a fresh proof of a factor is {_PROOF[endpoint.step_up]}"
    if endpoint.kind == "command":
        yield f"- idempotency: {_RETRY[endpoint.retry]}"
    if method.own_refusals:
        yield f"- may refuse with {', '.join(f'`{code}`' for code in method.own_refusals)}"


def _fields(title: str, schema: Schema, shapes: Mapping[str, JsonSchema]) -> str:
    shape = shapes[name_of(schema)]
    words = shape["description"].replace("\n", " ")
    return f"**{title}** `{name_of(schema)}`: {words}\n\n{field_table.of(shape)}"


def _example(method: Offered, shapes: Mapping[str, JsonSchema]) -> Iterator[str]:
    call: dict[str, Any] = {"request": request_example(method.endpoint.request, shapes)}
    if method.permission != "public":
        call["token"] = "<token>"
    if method.endpoint.kind == "command":
        call["idempotency_key"] = "<key>"
    if method.endpoint.step_up is StepUp.ALWAYS:
        call["proof"] = "<proof>"
    yield _json(call)
    yield _json(reply_example(method.endpoint.reply, shapes))


def _json(value: object) -> str:
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= _LONGEST_LINE else json.dumps(value, ensure_ascii=False, indent=2)


def _shape(name: str, shape: JsonSchema) -> str:
    return f"### {name}\n\n{shape['description']}\n\n{field_table.of(shape)}"


def _is_nested(name: str, shapes: Mapping[str, JsonSchema]) -> bool:
    return any(f'"#/components/schemas/{name}"' in json.dumps(shape) for shape in shapes.values())


def _first_line(words: str) -> str:
    return words.partition("\n\n")[0].replace("\n", " ")
