from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.adapters.tokens import AUDIENCE, ISSUER
from services.auth.commands import IssueServiceToken
from services.auth.domain.roles import SERVICE_PERMISSIONS
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import plain
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import issue_token, verify_token
from shared.kernel.ids import new_id
from shared.messaging.access import actor_from
from tests.integration.auth.business import Auth, refused_with

pytestmark = pytest.mark.integration


def assertion(auth: Auth, service: str, key: SigningKey | None = None, **changed: object) -> str:
    issued = int(auth.clock.now().timestamp())
    claims = {
        "iss": service,
        "sub": service,
        "aud": "tallystick/auth",
        "iat": issued,
        "exp": issued + 60,
        "jti": new_id(),
        **changed,
    }
    return issue_token(claims, key or auth.service_keys[service], service)


@pytest.mark.parametrize("service", sorted(SERVICE_PERMISSIONS))
def test_a_signed_assertion_gives_the_service_its_permissions(auth: Auth, service: str) -> None:
    issued = handlers.issue_service_token(auth.ports, IssueServiceToken(assertion(auth, service)))
    claims = verify_token(
        issued.token,
        {"token-1": auth.token_key.public},
        audience=AUDIENCE,
        issuer=ISSUER,
        now=auth.clock.now(),
    )
    actor = actor_from(claims)
    assert (actor.kind, actor.id, actor.tenant) == ("service", service, None)
    assert actor.grants == plain(SERVICE_PERMISSIONS[service])
    assert issued.expires_at == auth.clock.now() + timedelta(seconds=300)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "tallystick"},
        {"sub": "operator"},
        {"iss": "operator"},
        {"exp": 4_000_000_000},
        {"exp": 1},
        {"iat": 4_000_000_000, "exp": 4_000_000_060},
        {"jti": ""},
        {"jti": "x" * 200},
        {"jti": None},
    ],
    ids=str,
)
def test_an_assertion_with_a_wrong_claim_is_refused(auth: Auth, changed: dict[str, object]) -> None:
    with refused_with(ErrorCode.ASSERTION_INVALID):
        handlers.issue_service_token(auth.ports, IssueServiceToken(assertion(auth, "notifier", None, **changed)))


def test_nobody_signs_in_the_name_of_another(auth: Auth) -> None:
    forged = assertion(auth, "operator", auth.service_keys["notifier"])
    with refused_with(ErrorCode.ASSERTION_INVALID):
        handlers.issue_service_token(auth.ports, IssueServiceToken(forged))


def test_a_known_key_without_permissions_gets_no_token(auth: Auth) -> None:
    with refused_with(ErrorCode.ASSERTION_INVALID):
        handlers.issue_service_token(auth.ports, IssueServiceToken(assertion(auth, "stranger")))


def test_what_is_no_assertion_is_refused(auth: Auth) -> None:
    with refused_with(ErrorCode.ASSERTION_INVALID):
        handlers.issue_service_token(auth.ports, IssueServiceToken("nonsense"))


def test_an_assertion_works_once_even_from_several_processes_at_once(auth: Auth) -> None:
    command = IssueServiceToken(assertion(auth, "operator"))

    def redeem(_: int) -> bool:
        try:
            handlers.issue_service_token(auth.ports, command)
        except PublicError as refusal:
            assert refusal.code is ErrorCode.ASSERTION_INVALID  # noqa: PT017 - the other outcome is success
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(redeem, range(4))) == 1


def test_used_assertions_are_forgotten_once_they_have_expired(lonely_auth: Auth) -> None:
    for _ in range(3):
        handlers.issue_service_token(lonely_auth.ports, IssueServiceToken(assertion(lonely_auth, "backup")))
        lonely_auth.clock.moment += timedelta(minutes=5)
    with lonely_auth.database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM app.assertions").fetchone() == (1,)
