import base64
from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.adapters.pepper import Pepper
from services.auth.adapters.totp import TotpFactor
from services.auth.commands import BeginLogin, CreateTenant
from services.auth.domain.roles import Role
from services.auth.replies import Invited
from shared.contracts.errors import ErrorCode
from shared.crypto.envelope import SealBroken
from tests.at_rest import everything_at_rest, spellings
from tests.integration.auth.business import Auth, command_id, refused_with

pytestmark = pytest.mark.integration


def test_a_canary_would_be_found(lonely_auth: Auth) -> None:
    with lonely_auth.database.connect_as_admin() as admin:
        admin.execute("CREATE TABLE app.leaky (plain text, bytes bytea, encoded text)")
        admin.execute(
            "INSERT INTO app.leaky VALUES (%s, %s, %s)",
            ("canary-plain", b"canary-bytes", base64.b64encode(b"x canary-encoded y").decode()),
        )
    found = everything_at_rest(lonely_auth.database)
    for canary in ("canary-plain", "canary-bytes", "canary-encoded"):
        assert any(form in found for form in spellings(canary))


def test_no_table_holds_anything_sensitive_in_the_clear(lonely_auth: Auth) -> None:
    password, wrong = "canary password of ada", "canary password that is wrong"
    command = CreateTenant("Canary Works", "Canary Lovelace", "canary.ada@canary.example")
    invited = handlers.create_tenant(lonely_auth.ports, command, by="operator", command_id=command_id())
    lonely_auth.runner.run_once()
    ada = lonely_auth.enrol(invited, "canary.ada@canary.example", password)
    challenge = ada.begin_login()
    token = ada.complete_login(challenge, ada.code())
    used = ada.recovery_codes[0]
    ada.recover(used)
    for email, guess in ((ada.email, wrong), ("canary.nobody@canary.example", password)):
        with refused_with(ErrorCode.CREDENTIALS_REFUSED):
            handlers.begin_login(lonely_auth.ports, BeginLogin(ada.tenant, email, guess))
    lonely_auth.invite(ada.tenant, "canary.bob@canary.example", Role.SALES, "Canary Bob")
    lonely_auth.clock.moment += timedelta(minutes=1)

    at_rest = everything_at_rest(lonely_auth.database)
    assert ada.user_id in at_rest  # the dump does hold what happened
    canaries = [
        *("Canary Works", "Canary Lovelace", "Canary Bob", "canary.ada", "canary.bob", "canary.nobody"),
        *(password, wrong, "argon2id", ada.totp.secret),
        *(invited.invitation, challenge, token, *ada.recovery_codes, used.replace("-", "")),
    ]
    for canary in canaries:
        for form in spellings(canary):
            assert form not in at_rest


def test_who_holds_every_data_key_still_lacks_the_second_factor(auth: Auth) -> None:
    ada = auth.enrol(auth.found())
    begun = next(event for event in auth.ports.log.read(ada.tenant) if event.type == "EnrolmentBegun")
    payload = str(begun.payload)
    assert "$argon2id$v=19$m=47104,t=1,p=1$" in payload  # it is open to the holder of the keys ...
    assert ada.totp.secret not in payload
    another = TotpFactor(Pepper.of(b"another pepper, of 32 bytes long").factor_key)
    with pytest.raises(SealBroken):  # ... but not to the holder of another pepper, or in another user's name
        another.step_of(ada.tenant, ada.user_id, str(begun.payload["material"]), "1", auth.clock.now())
    with pytest.raises(SealBroken):
        auth.ports.second_factor.step_of(ada.tenant, ada.tenant, str(begun.payload["material"]), "1", auth.clock.now())


def test_replies_and_commands_show_no_secret_in_a_log_line() -> None:
    assert "secret" not in repr(Invited("tenant", "user", 0, "secret"))
    assert "secret" not in repr(BeginLogin("tenant", "secret", "secret"))
