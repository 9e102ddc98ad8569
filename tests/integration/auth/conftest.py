from collections.abc import Callable, Iterator

import pytest

from shared.kernel.ids import new_id
from tests.authenticator import Authenticator
from tests.integration.auth.business import Auth, Person
from tests.integration.auth.passkey_holder import Holder, enrolled
from tests.integration.auth.running import EMAIL, Running, served
from tests.stack import Database, Databases, Stack


@pytest.fixture(scope="session")
def auth_database(databases: Databases) -> Iterator[Database]:
    """One database for the tests that keep to their own tenants."""
    database = databases.create("auth")
    yield database
    databases.drop(database)


@pytest.fixture
def auth(auth_database: Database) -> Iterator[Auth]:
    auth = Auth.over(auth_database)
    yield auth
    auth.close()


@pytest.fixture
def lonely_auth(database: Callable[[str], Database]) -> Iterator[Auth]:
    """For tests that look at the whole database."""
    auth = Auth.over(database("auth"))
    yield auth
    auth.close()


@pytest.fixture
def ada(auth: Auth) -> Person:
    """An owner who has enrolled and not logged in yet."""
    return auth.enrol(auth.found())


@pytest.fixture
def holder(auth: Auth) -> Holder:
    """An owner who has enrolled with a passkey."""
    return enrolled(auth, auth.found(), Authenticator())


@pytest.fixture(scope="module")
def running(
    stack: Stack, databases: Databases, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Running]:
    """auth as a process, for the tests of one module."""
    with served(stack, databases, tmp_path_factory.mktemp("auth"), worker_id) as running:
        yield running


@pytest.fixture
def found(running: Running) -> Callable[[], dict[str, object]]:
    """Takes in a business, as the operator."""

    def found() -> dict[str, object]:
        request = {"name": "Acme", "owner_name": "Ada", "owner_email": EMAIL}
        return running.operator.call("auth", "create_tenant", request, idempotency_key=new_id())

    return found
