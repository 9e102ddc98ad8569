"""What people do about their own account and sessions, asked of the service as it runs."""

from collections.abc import Callable
from typing import cast

import pyotp
import pytest

from shared.contracts.errors import ErrorCode
from shared.kernel.ids import new_id
from shared.messaging.stepping_up import Order
from tests.integration.auth.business import PASSWORD, refused_with
from tests.integration.auth.running import EMAIL, Running, step

pytestmark = pytest.mark.integration


def test_a_person_looks_after_their_own_account_over_the_bus(
    running: Running, found: Callable[[], dict[str, object]]
) -> None:
    tenant = found()
    running.enrol(tenant["invitation"])
    codes = list(running.recovery_codes)
    session = running.ask("complete_login", challenge=running.challenge(tenant["tenant"]), recovery_code=codes.pop())

    def ask(method: str, **request: object) -> dict[str, object]:
        # Each change revokes the tokens from before, those of the session that made it too: it goes on by a refresh.
        session.update(running.ask("refresh_session", refresh_token=session["refresh_token"]))
        return running.client.call("auth", method, request, token=str(session["token"]))

    (first,) = cast("list[dict[str, object]]", ask("list_factors")["factors"])
    offered = ask("begin_factor", current_password=PASSWORD, name="second phone", recovery_code=codes.pop())
    second = pyotp.parse_uri(str(offered["provisioning_uri"]))
    assert isinstance(second, pyotp.TOTP)
    added = ask("complete_factor", offer=offered["offer"], code=second.generate_otp(step()))
    ask("remove_factor", current_password=PASSWORD, factor_id=first["factor_id"], recovery_code=codes.pop())
    (left,) = cast("list[dict[str, object]]", ask("list_factors")["factors"])
    assert (left["factor_id"], left["name"], left["kind"]) == (added["factor_id"], "second phone", "totp")
    with refused_with(ErrorCode.FACTOR_LAST):
        ask("remove_factor", current_password=PASSWORD, factor_id=left["factor_id"], recovery_code=codes.pop())
    changed = "the marmot counts blue stairs"
    ask("change_password", current_password=PASSWORD, password=changed, recovery_code=codes.pop())
    assert running.ask("begin_login", tenant=tenant["tenant"], email=EMAIL, password=changed)["challenge"]
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        running.ask("begin_login", tenant=tenant["tenant"], email=EMAIL, password=PASSWORD)


def test_another_session_of_ones_own_ends_after_a_proof_and_the_present_one_without(
    running: Running, found: Callable[[], dict[str, object]]
) -> None:
    tenant = found()
    running.enrol(tenant["invitation"])
    codes = list(running.recovery_codes)
    other, present = (
        running.ask("complete_login", challenge=running.challenge(tenant["tenant"]), recovery_code=codes.pop())
        for _ in range(2)
    )
    token = str(present["token"])
    ending = Order("auth", "end_session", {"session_id": other["session_id"]}, token, new_id())
    with refused_with(ErrorCode.STEP_UP_NEEDED):
        running.client.call("auth", "end_session", dict(ending.request), token=token, idempotency_key=new_id())
    assert running.ask("refresh_session", refresh_token=other["refresh_token"])["session_id"] == other["session_id"]

    def prove(_: str, *, has_passkey: bool) -> dict[str, str]:
        assert not has_passkey
        return {"recovery_code": codes.pop()}

    assert ending.send(running.client, prove) == ending.request
    (left,) = cast("list[dict[str, object]]", running.client.call("auth", "list_sessions", {}, token=token)["sessions"])
    assert left["session_id"] == present["session_id"]
    running.client.call("auth", "end_session", {}, token=token, idempotency_key=new_id())
    with refused_with(ErrorCode.REFRESH_INVALID):
        running.ask("refresh_session", refresh_token=present["refresh_token"])
