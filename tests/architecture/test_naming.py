"""Every entrypoint is known to the test that keeps businesses apart (tests/e2e/test_businesses_apart.py)."""

import re
from typing import Any

from marshmallow import fields, validate

from tests.architecture.test_entrypoints import SERVICES, entrypoints
from tests.e2e.naming import NAMING, NAMING_NOTHING

OFFERED = {(service, method): member for service in SERVICES for method, member in entrypoints(service).items()}
REQUESTS = {key: member.endpoint.request.fields for key, member in OFFERED.items() if hasattr(member, "endpoint")}


def names_by_id(field: "fields.Field[Any]") -> bool:
    """Whether what is sent is the id of something, or a list of ids."""
    if isinstance(field, fields.List):
        return names_by_id(field.inner)
    if isinstance(field, fields.Nested):
        return any(map(names_by_id, field.schema.fields.values()))
    rules = [rule for rule in field.validators if isinstance(rule, validate.Regexp)]
    return any(re.search(r"\[0-9a-f\]\{8\}.*-.*\[0-9a-f\]\{12\}", str(rule.regex.pattern)) for rule in rules)


def test_every_entrypoint_is_known_to_name_something_or_nothing() -> None:
    assert set(OFFERED) == NAMING.keys() | NAMING_NOTHING.keys()
    assert NAMING.keys() & NAMING_NOTHING.keys() == set()


def test_every_id_in_a_request_is_tried() -> None:
    known = {key: {field for case in NAMING.get(key, ()) for field in case.named} for key in REQUESTS}
    with_ids = {
        key: {name for name, field in request.items() if names_by_id(field)} for key, request in REQUESTS.items()
    }
    assert sum(map(len, with_ids.values())) > 30  # they are found
    untried = {key: ids - known[key] for key, ids in with_ids.items() if ids - known[key]}
    assert untried == {
        ("auth", "begin_login"): {"tenant"},  # before there is a token
        # Between services, which work for all businesses.
        ("auth", "record_decisions"): {"decisions"},
        ("auth", "revocations"): {"after"},
    }


def test_the_table_knows_the_requests_as_they_are() -> None:
    for key, cases in NAMING.items():
        for case in cases:
            required = {name for name, field in REQUESTS[key].items() if field.required}
            assert required <= case.fields <= set(REQUESTS[key]), key
