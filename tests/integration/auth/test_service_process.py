"""The service as it runs: a process of its own, sealed messages over the broker, the system's clock."""

from collections.abc import Callable
from typing import cast

import pytest

from services.auth.domain.roles import SERVICE_PERMISSIONS
from shared.contracts.errors import ErrorCode
from shared.contracts.grants import plain
from shared.kernel.ids import new_id
from shared.merkle.note import NoteVerifier
from shared.merkle.tlog_proof import TlogProof
from tests.integration.auth.business import PASSWORD, refused_with
from tests.integration.auth.running import EMAIL, Running, run_auth, step
from tests.integration.messaging.processes import ServiceProcess

pytestmark = pytest.mark.integration


def test_from_the_invitation_to_a_token_that_works(running: Running, found: Callable[[], dict[str, object]]) -> None:
    tenant = found()
    totp = running.enrol(tenant["invitation"])
    reply = running.ask("complete_login", challenge=running.challenge(tenant["tenant"]), code=totp.generate_otp(step()))
    token = str(reply["token"])
    actor = running.access.authenticate(token)
    assert (actor.id, actor.tenant, actor.factors) == (tenant["user_id"], tenant["tenant"], ("pwd", "otp"))

    invited = running.client.call(
        "auth",
        "invite_user",
        {"email": "bob@example.org", "name": "Bob", "role": "auditor"},
        token=token,
        idempotency_key=new_id(),
    )
    assert set(invited) == {"user_id", "invitation", "position", "receipt"}
    log = running.client.call("auth", "read_log", {"after": -1, "limit": 500}, token=token)
    checkpoint = running.client.call("auth", "checkpoint", {}, token=token)
    assert log["size"] == checkpoint["size"] == len(log["events"])
    verifier = NoteVerifier.parse(checkpoint["verifier_key"])
    for reply in (tenant, invited):
        shown = TlogProof.from_text(str(reply["receipt"])).verify([verifier], verifier.name)
        assert (shown.position, shown.checkpoint.size) == (reply["position"], int(str(reply["position"])) + 1)
    with refused_with(ErrorCode.PERMISSION_DENIED):
        running.client.call("auth", "export_keys", {"recipient": "age1"}, token=token)


def test_each_refusal_has_its_own_code(running: Running, found: Callable[[], dict[str, object]]) -> None:
    tenant = found()
    totp = running.enrol(tenant["invitation"])
    challenge = running.challenge(tenant["tenant"])
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        running.ask("begin_login", tenant=tenant["tenant"], email=EMAIL, password="wrong password")
    with refused_with(ErrorCode.CODE_REFUSED):
        running.ask("complete_login", challenge=challenge, code="no digits")
    code = totp.generate_otp(step())
    assert running.ask("complete_login", challenge=challenge, code=code)["token"]
    with refused_with(ErrorCode.CODE_REUSED):
        running.ask("complete_login", challenge=running.challenge(tenant["tenant"]), code=code)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        running.ask("complete_login", challenge=challenge, code=code)
    with refused_with(ErrorCode.INVITATION_INVALID):
        running.ask("begin_enrolment", invitation=tenant["invitation"], password=PASSWORD)
    with refused_with(ErrorCode.PASSWORD_UNSUITABLE):
        running.ask("begin_enrolment", invitation=found()["invitation"], password="short")
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        running.ask("complete_enrolment", enrolment="nonsense", code=code)
    with refused_with(ErrorCode.ASSERTION_INVALID):
        running.ask("service_token", assertion="nonsense")


def test_a_tenant_is_created_with_the_operators_token_alone(running: Running) -> None:
    request = {"name": "Acme", "owner_name": "Ada", "owner_email": EMAIL}
    with refused_with(ErrorCode.TOKEN_MISSING):
        running.client.call("auth", "create_tenant", request, idempotency_key=new_id())
    with refused_with(ErrorCode.TOKEN_INVALID):
        running.client.call("auth", "create_tenant", request, token="nonsense", idempotency_key=new_id())


def test_a_retried_creation_gives_the_first_answer(running: Running) -> None:
    request, key = {"name": "Acme", "owner_name": "Ada", "owner_email": EMAIL}, new_id()
    first = running.operator.call("auth", "create_tenant", request, idempotency_key=key)
    assert running.operator.call("auth", "create_tenant", request, idempotency_key=key) == first
    with refused_with(ErrorCode.IDEMPOTENCY_CONFLICT):
        running.operator.call("auth", "create_tenant", {**request, "name": "Other"}, idempotency_key=key)


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"tenant": "no uuid", "email": EMAIL, "password": PASSWORD},
        {"tenant": new_id(), "email": EMAIL, "password": PASSWORD, "admin": True},
        {"tenant": new_id(), "email": 7, "password": PASSWORD},
        {"tenant": new_id(), "email": EMAIL, "password": PASSWORD, "source": "x" * 101},
        {"tenant": new_id(), "email": EMAIL, "password": PASSWORD, "source": "lap\ttop"},
        {"tenant": new_id(), "email": EMAIL, "password": PASSWORD, "source": ""},
    ],
    ids=["empty", "tenant", "unknown field", "type", "long source", "unprintable source", "empty source"],
)
def test_a_malformed_request_is_refused(running: Running, request_: dict[str, object]) -> None:
    with refused_with(ErrorCode.MALFORMED_REQUEST):
        running.client.call("auth", "begin_login", request_)


def test_the_operator_gets_what_the_map_says(running: Running) -> None:
    running.operator.call("auth", "health", {})
    token = running.operator._token
    actor = running.access.authenticate(token)
    assert (actor.kind, actor.grants) == ("service", plain(SERVICE_PERMISSIONS["operator"]))


def test_read_models_are_rebuilt_while_the_service_runs(
    running: Running, found: Callable[[], dict[str, object]]
) -> None:
    tenant = found()
    totp = running.enrol(tenant["invitation"])
    health = running.ask("health")
    assert (health["service"], health["database"]) == ("auth", True)
    # The relay waits: mails are due by now, and no notifier is run here.
    halted = cast("list[dict[str, object]]", health["halted"])
    assert {each["projection"] for each in halted} <= {"relay"}
    rebuilt = run_auth(running.environment, "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    code = totp.generate_otp(step())
    assert running.ask("complete_login", challenge=running.challenge(tenant["tenant"]), code=code)


def test_a_missing_setting_is_named_in_one_sentence(running: Running) -> None:
    environment = {name: value for name, value in running.environment.items() if "PEPPER" not in name}
    ended = run_auth(environment)
    assert ended.returncode == 2
    assert ended.stderr == "The setting TALLYSTICK_PEPPER_FILE is missing.\n"


def test_a_signing_key_that_nobody_could_check_is_refused_at_the_start(running: Running) -> None:
    other = running.environment["TALLYSTICK_LOG_SIGNING_KEY_FILE"]
    ended = run_auth({**running.environment, "TALLYSTICK_TOKEN_SIGNING_KEY_FILE": other})
    assert ended.returncode == 2
    assert "TALLYSTICK_TOKEN_KEYS_FILE" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_it_stops_when_asked_and_its_log_holds_no_secret(
    running: Running, found: Callable[[], dict[str, object]]
) -> None:
    tenant = found()
    totp = running.enrol(tenant["invitation"])
    challenge = running.challenge(tenant["tenant"])
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        running.ask("begin_login", tenant=tenant["tenant"], email=EMAIL, password="wrong password")
    stopped = running.process
    assert stopped.terminate() == 0
    events, written = stopped.events(), stopped.text()
    running.process = ServiceProcess.start("services.auth", running.environment, running.log)
    assert events[-1]["event"] == "stopped"
    assert "credentials_refused" in written  # it does tell what happened ...
    secrets = (PASSWORD, "wrong password", EMAIL, totp.secret, "otpauth", challenge, tenant["invitation"])
    for secret in secrets:  # ... and nothing of this
        assert str(secret) not in written
    running.process.wait_for("serving", times=2)


def test_the_operator_breaks_the_glass_on_the_host_and_the_log_says_so(
    running: Running, found: Callable[[], dict[str, object]]
) -> None:
    tenant = found()
    running.enrol(tenant["invitation"])
    who = ("--tenant", str(tenant["tenant"]), "--user-id", str(tenant["user_id"]))
    ended = run_auth(running.environment, "break-glass", *who, "--reason", "identity card shown")
    assert ended.returncode == 0, ended.stderr
    *_, invitation = ended.stdout.splitlines()
    logged = f"{ended.stdout}{ended.stderr}"
    assert "break_glass_used" in logged
    assert '"critical"' in logged
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        running.challenge(tenant["tenant"])
    running.enrol(invitation)
    assert running.challenge(tenant["tenant"])


def test_the_glass_is_not_broken_for_a_user_who_is_not_there(
    running: Running, found: Callable[[], dict[str, object]]
) -> None:
    who = ("--tenant", str(found()["tenant"]), "--user-id", new_id())
    ended = run_auth(running.environment, "break-glass", *who, "--reason", "nobody")
    assert (ended.returncode, ended.stderr.split(":")[0]) == (1, "user_unknown")
