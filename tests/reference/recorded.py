"""What a version of the contract promises, as it is recorded, and what would break the promise."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.contracts.events import PUBLIC_EVENTS, PublishedEventSchema
from shared.contracts.version import CONTRACT_VERSION
from shared.messaging.command_hash import Retry
from shared.messaging.step_up import StepUp
from tests.reference.compatibility import Shapes, breaks_of_reply, breaks_of_request
from tests.reference.offered import Offered
from tests.reference.shapes import JsonSchema, name_of

Record = dict[str, Any]
_STRICTNESS = [StepUp.NEVER.value, StepUp.WHERE_ASKED.value, StepUp.ALWAYS.value]
_WORDS = {"description", "examples"}


def record_of(methods: Sequence[Offered], shapes: Mapping[str, JsonSchema]) -> Record:
    """Return what is promised now."""
    return {
        "version": CONTRACT_VERSION,
        "methods": {each.name: _promise(each) for each in methods},
        "events": {
            f"{source}.{kind}": {"subscriber": event.required_subscriber, "payload": name_of(PublishedEventSchema)}
            for source, events in PUBLIC_EVENTS.items()
            for kind, event in events.items()
        },
        "schemas": {name: _without_words(shape) for name, shape in shapes.items()},
    }


def written(record: Record) -> str:
    """Return a record as it is kept: a line for each method, event and schema."""
    parts = [f'"version": {record["version"]}']
    for name in ("methods", "events", "schemas"):
        lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(record[name].items())]
        parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read(path: Path) -> Record:
    """Return a record that was kept."""
    record: Record = json.loads(path.read_text("utf-8"))
    return record


def breaks(before: Record, now: Record) -> list[str]:
    """Return what of an earlier record no longer holds, each as a sentence; none for a compatible change."""
    return [*_of_methods(before, now), *_of_events(before, now)]


def _promise(method: Offered) -> Record:
    endpoint = method.endpoint
    return {
        "kind": endpoint.kind,
        "permission": method.permission,
        "judges": sorted(each.value for each in endpoint.judges),
        "step_up": endpoint.step_up.value,
        "retry": endpoint.retry.value,
        "request": name_of(endpoint.request),
        "reply": name_of(endpoint.reply),
    }


def _of_methods(before: Record, now: Record) -> Iterator[str]:
    then, today = Shapes(before["schemas"]), Shapes(now["schemas"])
    for name, old in before["methods"].items():
        new = now["methods"].get(name)
        if new is None:
            yield f"{name} is gone"
            continue
        yield from (f"{name}: another {part}" for part in ("kind", "permission") if old[part] != new[part])
        if not set(old["judges"]) <= set(new["judges"]):
            yield f"{name}: a condition is no longer judged"
        if _STRICTNESS.index(new["step_up"]) > _STRICTNESS.index(old["step_up"]):
            yield f"{name}: a proof is asked for where none was"
        if (old["retry"], new["retry"]) == (Retry.BY_ANYBODY.value, Retry.BY_CALLER.value):
            yield f"{name}: fewer may retry"
        for fault in breaks_of_request(then.named(old["request"]), today.named(new["request"])):
            yield f"{name}, request{fault}"
        for fault in breaks_of_reply(then.named(old["reply"]), today.named(new["reply"])):
            yield f"{name}, reply{fault}"


def _of_events(before: Record, now: Record) -> Iterator[str]:
    then, today = Shapes(before["schemas"]), Shapes(now["schemas"])
    for name, old in before["events"].items():
        new = now["events"].get(name)
        if new is None:
            yield f"{name} is gone"
            continue
        if old["subscriber"] != new["subscriber"]:
            yield f"{name}: another subscriber"
        for fault in breaks_of_reply(then.named(old["payload"]), today.named(new["payload"])):
            yield f"{name}{fault}"


def _without_words(shape: Any) -> Any:  # noqa: ANN401 - any part of a JSON Schema
    """Leave out what may be said differently; `properties` has names of fields, whatever they are."""
    if isinstance(shape, list):
        return [_without_words(each) for each in shape]
    if not isinstance(shape, dict):
        return shape
    return {
        key: {name: _without_words(each) for name, each in value.items()}
        if key == "properties"
        else _without_words(value)
        for key, value in shape.items()
        if key not in _WORDS
    }
