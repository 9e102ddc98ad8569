"""The contract that is written down is the one that the code has, and what would break it is noticed."""

import copy
import re
import textwrap
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator
from marshmallow import Schema, fields

from services.invoices.codec import read
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.checking import check
from services.invoices.domain.document.content import Content
from shared.contracts.events import PUBLIC_EVENTS, PublishedEvent
from shared.messaging.serializer import CONTENT_TYPE, SealedBody
from tests.reference import __main__ as reference
from tests.reference.examples import request_example
from tests.reference.field_words import FIELD_EXAMPLES, FIELD_WORDS
from tests.reference.offered import SERVICES, offered
from tests.reference.recorded import Record, breaks
from tests.reference.schema_words import SCHEMA_WORDS
from tests.reference.shapes import Shapes, name_of

ROOT = Path(__file__).resolve().parents[3]
_IDENTIFIER = "019aa0e5-0000-7000-8000-00000000000c"


@pytest.fixture(scope="module")
def recorded() -> Record:
    return reference.present()


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / reference.EVENTS).read_text("utf-8"))
    return loaded


def test_what_is_made_from_the_code_is_what_the_code_says() -> None:
    stale = [str(path) for path, text in reference.made().items() if (ROOT / path).read_text("utf-8") != text]
    assert stale == [], "run make docs"


def test_every_service_is_described() -> None:
    services = {path.parent.name for path in ROOT.glob("services/*/service.py")}
    assert {each.service for each in offered()} == services == set(SERVICES)


def test_every_method_says_what_it_does() -> None:
    assert [each.name for each in offered() if not each.words] == []


def test_every_field_says_what_it_is() -> None:
    silent = [f"{name}.{field}" for name, field, shape in described() if not shape.get("description")]
    assert silent == [], "say it at the schema, or in tests/reference/schema_words.py"


def test_what_is_said_of_a_field_is_said_of_one_that_is_there() -> None:
    known = {name for schema in schemas() for name in _of_each_class(schema)}
    assert set(SCHEMA_WORDS) - known == set()
    assert set(FIELD_WORDS) - {name.partition(".")[2] for name in known} == set()


def described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every field of every request, reply and what is nested in them: schema, name and JSON schema."""
    for name, shape in Shapes(schemas()).all.items():
        for field, each in shape["properties"].items():
            # A nested shape says itself what it is.
            yield name, field, {"description": "nested"} if "$ref" in str(each) else each


def schemas() -> list[Schema]:
    return [schema for each in offered() for schema in (each.endpoint.request, each.endpoint.reply)]


def _of_each_class(schema: Schema) -> Iterator[str]:
    """`<class>.<field>` of a schema, of what it inherits from, and of what is nested in it."""
    for name, field in schema.fields.items():
        yield from (f"{each.__name__}.{name}" for each in type(schema).__mro__)
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from _of_each_class(inner.schema)


def test_refusals_are_found_where_they_are_raised() -> None:
    said = {each.name: set(each.own_refusals) for each in offered()}
    assert {"invoice_unknown", "invoice_already_issued", "seller_missing"} <= said["invoices.issue_invoice"]
    assert "recipient_invalid" in said["invoices.export_keys"]  # by a method of the same class
    assert "code_refused" in said["auth.change_password"]  # two calls below the handler
    assert said["notifier.halts"] == set()


def test_every_example_of_a_request_is_accepted() -> None:
    methods = offered()
    shapes = Shapes(each.endpoint.request for each in methods).all
    for each in methods:
        assert each.endpoint.request.validate(request_example(each.endpoint.request, shapes)) == {}, each.name


def test_the_example_of_a_draft_is_a_document() -> None:
    (draft,) = (each.endpoint.request for each in offered() if each.name == "invoices.draft_invoice")
    example = request_example(draft, Shapes([draft]).all)
    content = read(cast("dict[str, Any]", draft.load(example)), Content)
    check(content)
    assert calculate(content).payable == Decimal(FIELD_EXAMPLES["payable"])


def test_schemas_are_json_schemas_that_accept_what_services_accept() -> None:
    methods = offered()
    shapes = Shapes(each.endpoint.request for each in methods).all
    for each in methods:
        name = name_of(each.endpoint.request)
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": shapes}}
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(request_example(each.endpoint.request, shapes))
        assert not Draft202012Validator(schema).is_valid({"unheard_of": 1}), name


def test_a_request_may_become_wider(recorded: Record) -> None:
    now = copy.deepcopy(recorded)
    issue = now["schemas"]["IssueInvoiceRequest"]
    issue["properties"]["remark"] = {"type": "string"}
    now["schemas"]["ListInvoicesRequest"]["properties"]["limit"]["maximum"] += 1
    now["methods"]["invoices.count_invoices"] = now["methods"]["invoices.list_invoices"]
    assert breaks(recorded, now) == []


def test_a_reply_may_say_more(recorded: Record) -> None:
    now = copy.deepcopy(recorded)
    now["schemas"]["IssueInvoiceReply"]["properties"]["remark"] = {"type": "string"}
    now["schemas"]["PublishedEventSchema"]["properties"]["remark"] = {"type": "string"}
    assert breaks(recorded, now) == []


def _without(schema: dict[str, Any], field: str) -> None:
    del schema["properties"][field]
    schema["required"] = [name for name in schema.get("required", ()) if name != field]


def _planted() -> dict[str, Any]:
    """Changes that break callers, by what is said of them."""
    return {
        "invoices.issue_invoice is gone": lambda now: now["methods"].pop("invoices.issue_invoice"),
        "invoices.issue_invoice: another permission": lambda now: now["methods"]["invoices.issue_invoice"].update(
            permission="invoice:draft"
        ),
        "invoices.issue_invoice: a condition is no longer judged": lambda now: now["methods"][
            "invoices.issue_invoice"
        ].update(judges=[]),
        "invoices.issue_invoice: a proof is asked for where none was": lambda now: now["methods"][
            "invoices.issue_invoice"
        ].update(step_up="always"),
        "invoices.issue_invoice: fewer may retry": lambda now: now["methods"]["invoices.issue_invoice"].update(
            retry="by_caller"
        ),
        "invoices.issue_invoice, request.invoice_id is gone": lambda now: _without(
            now["schemas"]["IssueInvoiceRequest"], "invoice_id"
        ),
        "invoices.draft_invoice, request.note is required now": lambda now: now["schemas"]["DraftInvoiceRequest"][
            "required"
        ].append("note"),
        "invoices.draft_invoice, request.lines[].name: another maxLength": lambda now: now["schemas"][
            "DraftedLineSchema"
        ]["properties"]["name"].update(maxLength=10),
        "invoices.draft_invoice, request.currency: other codes": lambda now: now["schemas"]["DraftInvoiceRequest"][
            "properties"
        ]["currency"]["enum"].remove("EUR"),
        "invoices.issue_invoice, reply.number is gone": lambda now: _without(
            now["schemas"]["IssueInvoiceReply"], "number"
        ),
        "invoices.issue_invoice, reply.number is not always there": lambda now: now["schemas"]["IssueInvoiceReply"][
            "required"
        ].remove("number"),
        "invoices.issue_invoice, reply.number: another type": lambda now: now["schemas"]["IssueInvoiceReply"][
            "properties"
        ]["number"].update(type="integer"),
        "invoices.get_invoice, reply.state: other codes": lambda now: now["schemas"]["InvoiceReply"]["properties"][
            "state"
        ]["enum"].append("unheard_of"),
        "invoices.InvoiceIssued is gone": lambda now: now["events"].pop("invoices.InvoiceIssued"),
        "invoices.DocumentArchived: another subscriber": lambda now: now["events"]["invoices.DocumentArchived"].update(
            subscriber="auth"
        ),
        "invoices.DocumentArchived.stream is gone": lambda now: _without(
            now["schemas"]["PublishedEventSchema"], "stream"
        ),
    }


@pytest.mark.parametrize("said", _planted())
def test_what_breaks_callers_is_said(recorded: Record, said: str) -> None:
    now = copy.deepcopy(recorded)
    _planted()[said](now)
    assert said in breaks(recorded, now)


def test_a_released_promise_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {Path("record"): "new"}
    assert reference.write(tmp_path, files, ["a.b is gone"], released=True) == 1
    assert list(tmp_path.iterdir()) == []
    assert "a.b is gone" in capsys.readouterr().err
    assert reference.write(tmp_path, files, ["a.b is gone"], released=False) == 0
    assert reference.write(tmp_path, files, [], released=True) == 0
    assert (tmp_path / "record").read_text("utf-8") == "new"


def test_the_page_for_other_services_shows_the_example_as_it_runs() -> None:
    page, example = ((ROOT / "docs" / name).read_text("utf-8") for name in ("integrating.md", "examples/mirror.py"))
    (shown,) = re.findall(r"```python\n(@inbox_handler.*?)```", page, re.DOTALL)
    assert textwrap.indent(shown, "    ") in example


def test_every_public_event_has_a_channel_a_message_and_a_key(asyncapi: dict[str, Any]) -> None:
    published = {f"{source}_{kind}" for source, events in PUBLIC_EVENTS.items() for kind in events}
    assert set(asyncapi["channels"]) == set(asyncapi["components"]["messages"]) == published
    for name, message in asyncapi["components"]["messages"].items():
        source, kind = name.split("_")
        assert message["contentType"] == CONTENT_TYPE
        assert message["x-event-key"]["source"] == source
        assert asyncapi["channels"][name]["address"] == kind
        assert asyncapi["channels"][name]["bindings"]["amqp"]["exchange"]["name"] == f"{source}.events"


def test_every_reference_in_asyncapi_leads_somewhere(asyncapi: dict[str, Any]) -> None:
    found = list(_references(asyncapi))
    assert found
    for reference_ in found:
        node = asyncapi
        for part in reference_.removeprefix("#/").split("/"):
            node = node[part]


@pytest.mark.parametrize("name", [f"{source}_{kind}" for source, events in PUBLIC_EVENTS.items() for kind in events])
def test_what_services_publish_is_what_asyncapi_says(asyncapi: dict[str, Any], name: str) -> None:
    kind = name.split("_")[1]
    body = PublishedEvent(
        "x", _IDENTIFIER, kind, _IDENTIFIER, "invoice-1", 1, 0, "2026-11-22T09:00:00.000000Z"
    ).to_body()
    payload = {**asyncapi["components"]["messages"][name]["payload"], "components": asyncapi["components"]}
    Draft7Validator.check_schema(payload)
    Draft7Validator(payload).validate(body)
    for other in ({**body, "type": "UnheardOf"}, {**body, "version": 0}, {**body, "more": 1}, {"type": kind}):
        assert not Draft7Validator(payload).is_valid(other)
    sealed = asyncapi["components"]["schemas"]["SealedBody"]
    Draft7Validator(sealed).validate(yaml.safe_load(SealedBody("0" * 16, b"sealed").to_text()))


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield str(node["$ref"])
        for each in node.values():
            yield from _references(each)
    if isinstance(node, list):
        for each in node:
            yield from _references(each)
