"""Every method that a service offers over the bus declares who may call it."""

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR
from nameko.rpc import Rpc

from shared.contracts.permissions import Permission
from shared.messaging.access import OWN, PUBLIC
from shared.messaging.consumer import InboxHandler

ROOT = Path(__file__).resolve().parents[2]
SERVICES = {
    "auth": "AuthService",
    "backup": "BackupService",
    "invoices": "InvoicesService",
    "notifier": "NotifierService",
}
WITHOUT_TOKEN = {
    "auth": {
        "health",
        "service_token",
        "begin_enrolment",
        "complete_enrolment",
        "begin_login",
        "complete_login",
        "follow_drill_link",
        "refresh_session",
    },
    "backup": {"health"},
    "invoices": {"health"},
    "notifier": {"health"},
}


def entrypoints(service: str) -> dict[str, Any]:
    """Return every method of a service that nameko would start an entrypoint for."""
    service_class = getattr(importlib.import_module(f"services.{service}.service"), SERVICES[service])
    members = {name: getattr(service_class, name) for name in dir(service_class) if not name.startswith("__")}
    return {name: member for name, member in members.items() if getattr(member, ENTRYPOINT_EXTENSIONS_ATTR, None)}


@pytest.mark.parametrize("service", SERVICES)
def test_every_entrypoint_declares_its_permission(service: str) -> None:
    found = entrypoints(service)
    assert found
    for name, method in found.items():
        (kind,) = {extension.__class__ for extension in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR)}
        if issubclass(kind, Rpc):
            assert method.endpoint.permission in {PUBLIC, OWN, *Permission}, name
        else:
            assert kind is InboxHandler, f"{name} is an entrypoint of a kind that nobody has thought about"


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_way_in_is_open_to_callers_without_a_token(service: str) -> None:
    open_to_all = {
        name
        for name, method in entrypoints(service).items()
        if hasattr(method, "endpoint") and method.endpoint.permission is PUBLIC
    }
    assert open_to_all == WITHOUT_TOKEN[service]


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_parts_of_a_service_define_the_same_name(service: str) -> None:
    """Of two only one would be there, and the other's callers would silently get what that one answers."""
    service_class = getattr(importlib.import_module(f"services.{service}.service"), SERVICES[service])
    parts = [kind for kind in service_class.__mro__[1:] if kind.__module__.startswith(("services.", "shared."))]
    defined = Counter(name for kind in parts for name in vars(kind) if not name.startswith("__"))
    assert defined
    assert [name for name, times in defined.items() if times > 1] == []


def test_nobody_can_say_that_training_was_done() -> None:
    results = {"passed", "score", "completed", "completed_at", "expires_at"}
    for name, method in entrypoints("auth").items():
        if hasattr(method, "endpoint"):
            assert not results & set(method.endpoint.request.fields), name
    makers = [path for path in (ROOT / "services").rglob("*.py") if "TrainingCompleted(" in path.read_text("utf-8")]
    made = {path.relative_to(ROOT).as_posix() for path in makers}
    # Where graded answers are decided on, and nowhere else.
    assert made == {"services/auth/domain/training_record.py"}
