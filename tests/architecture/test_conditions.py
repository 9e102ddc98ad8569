"""A role's condition is judged wherever its permission leads: otherwise the role would promise what nobody keeps."""

import pytest

from services.auth.domain.own_roles import GIVABLE
from shared.contracts.permissions import Permission
from tests.architecture.test_entrypoints import SERVICES, entrypoints


@pytest.mark.parametrize("permission", GIVABLE)
def test_every_endpoint_of_a_permission_judges_the_conditions_that_roles_may_set(permission: Permission) -> None:
    endpoints = {
        f"{service}.{name}": method.endpoint
        for service in SERVICES
        for name, method in entrypoints(service).items()
        if hasattr(method, "endpoint") and method.endpoint.permission is permission
    }
    assert endpoints, "a role may give what opens nothing"
    assert {name for name, endpoint in endpoints.items() if not GIVABLE[permission] <= endpoint.judges} == set()


def test_no_endpoint_judges_what_no_role_may_set() -> None:
    for service in SERVICES:
        for name, method in entrypoints(service).items():
            if hasattr(method, "endpoint") and method.endpoint.judges:
                assert method.endpoint.judges <= GIVABLE[method.endpoint.permission], f"{service}.{name}"
