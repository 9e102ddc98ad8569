import base64
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from services.auth.adapters.invitations import DerivedInvitations
from services.auth.adapters.passwords import Argon2Passwords
from services.auth.adapters.pepper import Pepper
from services.auth.adapters.signer import KeyNotPublished, Signer
from services.auth.adapters.tokens import SignedTokens
from services.auth.adapters.totp import TotpFactor
from shared.crypto.envelope import SealBroken, seal
from shared.crypto.private_files import KeyFileRefused
from shared.crypto.signing import SigningKey
from shared.kernel.ids import new_id

PEPPER = Pepper.of(b"p" * 32)
TENANT, USER = new_id(), new_id()
# RFC 6238 appendix B: the secret of its SHA-1 vectors, and (moment, eight digits).
RFC_SECRET = base64.b32encode(b"12345678901234567890")
RFC_VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
]


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def rfc_factor() -> str:
    place = f"tallystick/v1/auth/factor/{TENANT}/{USER}".encode()
    return base64.b64encode(seal(PEPPER.factor_key, RFC_SECRET, place)).decode()


@pytest.mark.parametrize(("seconds", "digits"), RFC_VECTORS)
def test_codes_are_those_of_rfc_6238(seconds: int, digits: str) -> None:
    factor = TotpFactor(PEPPER.factor_key)
    assert factor.step_of(TENANT, USER, rfc_factor(), digits[-6:], at(seconds)) == seconds // 30


@pytest.mark.parametrize(("later", "found"), [(0, True), (30, True), (60, False), (-30, False)])
def test_a_code_lives_for_its_step_and_the_next(later: int, found: bool) -> None:  # noqa: FBT001 - a column
    step = TotpFactor(PEPPER.factor_key).step_of(TENANT, USER, rfc_factor(), "005924", at(1234567890 + later))
    assert step == (1234567890 // 30 if found else None)


def test_an_offer_is_what_an_authenticator_app_reads() -> None:
    offer = TotpFactor(PEPPER.factor_key).offer(TENANT, USER, "ada@example.org")
    totp = pyotp.parse_uri(offer.provisioning_uri)
    assert isinstance(totp, pyotp.TOTP)
    assert (totp.issuer, totp.name, totp.digits, totp.interval) == (
        "Tallystick",
        "ada@example.org",
        6,
        30,
    )
    assert len(base64.b32decode(totp.secret)) == 20
    assert totp.secret not in offer.sealed


@pytest.mark.parametrize(("tenant", "user"), [(new_id(), USER), (TENANT, new_id())], ids=["tenant", "user"])
def test_a_factor_does_not_open_for_somebody_else(tenant: str, user: str) -> None:
    with pytest.raises(SealBroken):
        TotpFactor(PEPPER.factor_key).step_of(tenant, user, rfc_factor(), "287082", at(59))


def test_passwords_are_argon2id_with_the_declared_cost() -> None:
    passwords = Argon2Passwords(PEPPER.password_key)
    stored = passwords.hash("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert passwords.matches("correct horse battery", stored)
    assert not passwords.matches("correct horse batterY", stored)
    assert stored != passwords.hash("correct horse battery")


def test_a_password_matches_from_every_keyboard() -> None:
    passwords = Argon2Passwords(PEPPER.password_key)
    assert passwords.matches("gr\u00fc\u00dfe aus wien", passwords.hash("gru\u0308\u00dfe aus wien"))


@pytest.mark.parametrize("length", [12, 64, 73, 128])
def test_every_character_of_a_password_counts(length: int) -> None:
    passwords = Argon2Passwords(PEPPER.password_key, memory_kib=8)
    stored = passwords.hash("p" * length)
    assert passwords.matches("p" * length, stored)
    assert not passwords.matches("p" * (length - 1), stored)
    assert not passwords.matches("p" * (length - 1) + "P", stored)
    assert not passwords.matches("p" * length + " ", stored)


def test_a_hash_is_worth_nothing_without_the_pepper() -> None:
    stored = Argon2Passwords(PEPPER.password_key).hash("correct horse battery")
    assert not Argon2Passwords(Pepper.of(b"q" * 32).password_key).matches("correct horse battery", stored)


@pytest.mark.parametrize("stored", [None, "", "nonsense"])
@pytest.mark.parametrize("password", ["nobody's password", "", "anything else"])
def test_nothing_matches_an_account_that_does_not_exist(password: str, stored: str | None) -> None:
    assert not Argon2Passwords(PEPPER.password_key).matches(password, stored)


def test_a_pepper_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pepper"
    path.write_text(base64.b64encode(os.urandom(32)).decode())
    path.chmod(0o640)
    with pytest.raises(KeyFileRefused):
        Pepper.load(path)
    path.chmod(0o600)
    assert Pepper.load(path) == Pepper.load(path)


def test_the_keys_from_one_pepper_differ() -> None:
    keys = [PEPPER.password_key, PEPPER.factor_key, PEPPER.invitation_key, PEPPER.recovery_key, PEPPER.throttle_key]
    assert len(set(keys)) == len(keys)
    assert "key=" not in repr(PEPPER)


def test_invitations_differ_by_tenant_and_user_and_repeat() -> None:
    invitations = DerivedInvitations(PEPPER.invitation_key)
    assert invitations.secret(TENANT, USER) == invitations.secret(TENANT, USER)
    assert len({invitations.secret(a, b) for a, b in [(TENANT, USER), (USER, TENANT), (TENANT, TENANT)]}) == 3


def test_a_token_names_the_published_key() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    tokens = SignedTokens(Signer.published(key, {"old": other.public, "new": key.public}))
    header = tokens.for_service("backup", [], at(0)).token.split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["kid"] == "new"


def test_a_signing_key_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyNotPublished):
        Signer.published(SigningKey.generate(), {"t1": SigningKey.generate().public})
