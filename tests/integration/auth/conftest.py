from collections.abc import Callable, Iterator

import pytest

from tests.authenticator import Authenticator
from tests.integration.auth.business import Auth, Person
from tests.integration.auth.passkey_holder import Holder, enrolled
from tests.stack import Database, Databases


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
