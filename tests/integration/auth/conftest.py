from collections.abc import Callable

import pytest

from tests.integration.auth.business import Auth, Person
from tests.stack import Database


@pytest.fixture
def auth(database: Callable[[str], Database]) -> Auth:
    return Auth.over(database("auth"))


@pytest.fixture
def ada(auth: Auth) -> Person:
    """An owner who has enrolled and not logged in yet."""
    return auth.enrol(auth.found())
