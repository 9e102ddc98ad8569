import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.contracts.revocations import RecentRevocations, Revoked
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import TokenInvalid, issue_token, jwk
from shared.eventstore.model import Author
from shared.kernel.clock import Clock, FixedClock
from shared.messaging.access import Access, actor_from
from shared.messaging.judgement import Judgement
from shared.messaging.revocations import NothingRevoked, RevocationCheck, Revocations

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
TENANT = "019aa0e5-0000-7000-8000-000000000001"
PERSON = {
    "iss": "tallystick/auth",
    "aud": "tallystick",
    "sub": "u",
    "kind": "person",
    "tenant": TENANT,
    "grants": [["invoice:read"]],
    "amr": ["pwd", "otp"],
    "sid": "s",
    "role": "owner",
    "pos": 3,
    "iat": SECONDS,
    "exp": SECONDS + 300,
}
SERVICE = {**PERSON, "kind": "service", "sub": "notifier", "tenant": None, "amr": []}
KEY = SigningKey.generate()


def access(
    directory: Path, *keys: SigningKey, clock: Clock | None = None, revocations: RevocationCheck | None = None
) -> Access:
    path = directory / "keys.json"
    path.write_text(json.dumps({"keys": [jwk(key.public, f"k{number}") for number, key in enumerate(keys)]}))
    return Access(path, revocations or NothingRevoked(), clock or FixedClock(NOW))


def refusal_of(checker: Access, token: object) -> ErrorCode:
    with pytest.raises(PublicError) as refused:
        checker.authenticate(token)
    return refused.value.code


def test_a_good_token_says_who_is_calling(tmp_path: Path) -> None:
    actor = access(tmp_path, KEY).authenticate(issue_token(PERSON, KEY, "k0"))
    assert (actor.kind, actor.id, actor.tenant, actor.factors, actor.session) == (
        "person", "u", TENANT, ("pwd", "otp"), "s",
    )  # fmt: skip


def test_what_an_actor_does_is_remembered_with_factors_session_and_source() -> None:
    author = actor_from({**PERSON, "src": "adas-laptop"}).author
    assert author == Author("person", "u", ("pwd", "otp"), "s", "adas-laptop")
    assert actor_from({**SERVICE, "sid": ""}).author == Author("service", "notifier")


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_is_said_to_be_missing(tmp_path: Path, token: object) -> None:
    assert refusal_of(access(tmp_path, KEY), token) == ErrorCode.TOKEN_MISSING


@pytest.mark.parametrize("token", ["x", "a.b.c", 1, ["x"], {"token": "x"}])
def test_a_token_that_is_none_is_invalid(tmp_path: Path, token: object) -> None:
    assert refusal_of(access(tmp_path, KEY), token) == ErrorCode.TOKEN_INVALID


def test_an_expired_token_is_said_to_be_expired(tmp_path: Path) -> None:
    old = issue_token({**PERSON, "exp": SECONDS}, KEY, "k0")
    assert refusal_of(access(tmp_path, KEY), old) == ErrorCode.TOKEN_EXPIRED


def test_a_token_of_another_signer_is_invalid(tmp_path: Path) -> None:
    assert (
        refusal_of(access(tmp_path, KEY), issue_token(PERSON, SigningKey.generate(), "k0")) == ErrorCode.TOKEN_INVALID
    )


def test_new_keys_count_as_soon_as_the_file_changes_and_removed_ones_no_more(tmp_path: Path) -> None:
    checker, other = access(tmp_path, KEY), SigningKey.generate()
    token = issue_token(PERSON, KEY, "k0")
    checker.authenticate(token)
    access(tmp_path, other)
    os.utime(checker.keys_file, ns=(0, 0))  # a different moment, whatever the file system's clock does
    assert refusal_of(checker, token) == ErrorCode.TOKEN_INVALID
    assert checker.authenticate(issue_token(PERSON, other, "k0")).id == "u"


def test_a_token_that_was_good_before_ends_when_it_expires(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    checker = access(tmp_path, KEY, clock=clock)
    token = issue_token(PERSON, KEY, "k0")
    assert [checker.authenticate(token).id for _ in range(2)] == ["u", "u"]
    clock.moment = NOW + timedelta(seconds=300)
    assert refusal_of(checker, token) == ErrorCode.TOKEN_EXPIRED


def test_a_token_that_was_good_before_is_refused_once_it_is_revoked(tmp_path: Path) -> None:
    revoked: list[Revoked] = []
    heard = Revocations(lambda _: RecentRevocations(revoked))
    checker = access(tmp_path, KEY, revocations=heard)
    token = issue_token(PERSON, KEY, "k0")
    heard.look()
    checker.authenticate(token)
    revoked.append(Revoked(TENANT, "session", "s", 3))
    heard.look()
    assert refusal_of(checker, token) == ErrorCode.TOKEN_REVOKED


def test_what_is_remembered_of_a_token_counts_for_no_other(tmp_path: Path) -> None:
    checker = access(tmp_path, KEY)
    token = issue_token(PERSON, KEY, "k0")
    checker.authenticate(token)
    head, claims, signature = token.split(".")
    forged = issue_token({**PERSON, "sub": "v"}, SigningKey.generate(), "k0")
    for other in (f"{head}.{claims}.{forged.split('.')[2]}", f"{head}.{forged.split('.')[1]}.{signature}", token + "="):
        assert refusal_of(checker, other) == ErrorCode.TOKEN_INVALID
    with pytest.raises(TokenInvalid):
        checker.verified(token, "tallystick/step-up")
    assert checker.authenticate(issue_token(SERVICE, KEY, "k0")).id == "notifier"


@pytest.mark.parametrize(
    "factors", [[], ["pwd"], ["otp"], ["pwd", "pwd"], ["pwd", "pin"], ["otp", "hwk"], ["pwd", "x"], ["pwd", "mfa"]]
)
def test_a_person_needs_two_factors_of_different_kinds(factors: list[str]) -> None:
    with pytest.raises(PublicError) as refused:
        actor_from({**PERSON, "amr": factors})
    assert refused.value.code == ErrorCode.TOKEN_INVALID


@pytest.mark.parametrize("by", ["email", "mail", "sms", "tel", "mca"])
@pytest.mark.parametrize("beside", ["pwd", "otp", "email"])
def test_what_comes_by_mail_or_telephone_is_no_factor(beside: str, by: str) -> None:
    with pytest.raises(PublicError) as refused:
        actor_from({**PERSON, "amr": [beside, by]})
    assert refused.value.code == ErrorCode.TOKEN_INVALID


@pytest.mark.parametrize(
    "claims",
    [
        {**PERSON, "kind": "admin"},
        {**PERSON, "kind": None},
        {**PERSON, "sub": ""},
        {**PERSON, "tenant": None},
        {**PERSON, "tenant": "x"},
        {**PERSON, "grants": "invoice:read"},
        {**PERSON, "grants": ["invoice:read"]},
        {**PERSON, "grants": [["invoice:read", {"unheard_of": True}]]},
        {**PERSON, "tra": {"until": "1"}},
        {**PERSON, "tra": {"until": 10**30}},
        {**PERSON, "amr": "pwd otp"},
        {**PERSON, "src": ["laptop"]},
        {**SERVICE, "tenant": TENANT},
    ],
)
def test_claims_that_auth_does_not_make_are_refused(claims: dict[str, object]) -> None:
    with pytest.raises(PublicError) as refused:
        actor_from(claims)
    assert refused.value.code == ErrorCode.TOKEN_INVALID


def test_a_service_needs_no_factors_and_has_no_tenant_of_its_own() -> None:
    actor = actor_from(SERVICE)
    assert (actor.kind, actor.id, actor.tenant) == ("service", "notifier", None)


def test_who_does_not_hold_a_permission_is_refused() -> None:
    actor = actor_from(PERSON)
    Judgement.at_the_door(actor, Permission.INVOICE_READ, frozenset(), NOW)
    with pytest.raises(PublicError) as refused:
        Judgement.at_the_door(actor, Permission.INVOICE_ISSUE, frozenset(), NOW)
    assert refused.value.code == ErrorCode.PERMISSION_DENIED
