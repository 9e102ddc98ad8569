import psycopg
import pytest
from psycopg import sql

from services.auth.read_models.addresses import NAME, AddressProjection
from tests.integration.auth.business import Auth, Person

pytestmark = pytest.mark.integration


def rows(auth: Auth, query: str) -> list[tuple[object, ...]]:
    with auth.database.connect_as_admin() as admin:
        admin.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(auth.database.live_copy(NAME))))
        return admin.execute(query).fetchall()


def test_the_read_model_is_the_same_after_a_replay(lonely_auth: Auth) -> None:
    for number in range(3):
        tenant = lonely_auth.found(email=f"owner{number}@example.org").tenant
        lonely_auth.invite(tenant, "bob@example.org")
    query = "SELECT * FROM addresses ORDER BY tenant, address_index"
    live = rows(lonely_auth, query)
    assert len(live) == 6
    lonely_auth.runner.rebuild(AddressProjection())
    assert rows(lonely_auth, query) == live


def test_a_rebuilt_read_model_still_lets_people_log_in(ada: Person) -> None:
    ada.auth.runner.rebuild(AddressProjection())
    assert ada.complete_login(ada.begin_login(), ada.code())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM app.code_uses",
        "TRUNCATE app.code_uses",
        "TRUNCATE app.throttle",
        "UPDATE app.assertions SET expires_at = now()",
        "TRUNCATE app.assertions",
        "DROP TABLE app.assertions",
        "DELETE FROM log.events",
        "CREATE TABLE app.mine (a int)",
    ],
)
def test_the_service_role_cannot_do_what_auth_never_does(auth: Auth, statement: str) -> None:
    with auth.database.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
