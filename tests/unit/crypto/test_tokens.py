"""Tokens: what is accepted, and every known way to forge one."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.signing import SigningKey, VerifyKey
from shared.crypto.tokens import (
    KeySet,
    KeySetInvalid,
    TokenExpired,
    TokenInvalid,
    bearer_claims,
    issue_token,
    jwk,
    verify_token,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEYS = {"2026-11": KEY.public}
CLAIMS = {
    "iss": "tallystick/auth",
    "aud": "tallystick",
    "sub": "user-1",
    "iat": SECONDS,
    "exp": SECONDS + 300,
    "grants": [["invoice:read"]],
}


def token(key: SigningKey = KEY, kid: str = "2026-11", **changes: object) -> str:
    """Return a token with some claims changed; None takes a claim away."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return issue_token(claims, key, kid)


def verified(text: str, now: datetime = NOW) -> dict[str, Any]:
    return verify_token(text, KEYS, audience="tallystick", issuer="tallystick/auth", now=now)


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: dict[str, object], sign: Any = KEY.sign, claims: object = CLAIMS) -> str:  # noqa: ANN401  any signer
    """Return a token with any header, signed by any means."""
    signing_input = f"{b64url(json.dumps(header).encode())}.{b64url(json.dumps(claims).encode())}"
    return f"{signing_input}.{b64url(sign(signing_input.encode()))}"


HEADER: dict[str, object] = {"alg": "Ed25519", "kid": "2026-11", "typ": "JWT"}


def test_a_good_token_gives_its_claims() -> None:
    assert verified(token()) == CLAIMS


def test_the_header_names_algorithm_and_key() -> None:
    assert jwt.get_unverified_header(token()) == HEADER


def test_the_forging_tool_of_these_tests_can_make_a_good_token() -> None:
    assert verified(forged(HEADER)) == CLAIMS


def test_a_token_lives_until_the_second_it_expires() -> None:
    assert verified(token(), NOW + timedelta(seconds=299)) == CLAIMS
    with pytest.raises(TokenExpired):
        verified(token(), NOW + timedelta(seconds=300))


def test_a_clock_a_little_behind_the_issuer_is_forgiven_and_more_is_not() -> None:
    assert verified(token(), NOW - timedelta(seconds=5)) == CLAIMS
    with pytest.raises(TokenInvalid, match="future"):
        verified(token(), NOW - timedelta(seconds=6))


def test_a_token_is_not_good_before_its_time() -> None:
    with pytest.raises(TokenInvalid, match="future"):
        verified(token(nbf=SECONDS + 60))
    assert verified(token(nbf=SECONDS + 60), NOW + timedelta(seconds=60))["nbf"] == SECONDS + 60


@pytest.mark.parametrize("audience", ["tallystick/auth", "", None, ["tallystick"], ["tallystick", "other"], 1])
def test_a_token_for_another_audience_is_refused(audience: object) -> None:
    with pytest.raises(TokenInvalid, match="audience"):
        verified(token(aud=audience))


@pytest.mark.parametrize("issuer", ["notifier", "", None, ["tallystick/auth"]])
def test_a_token_of_another_issuer_is_refused(issuer: object) -> None:
    with pytest.raises(TokenInvalid, match="issuer"):
        verified(token(iss=issuer))


@pytest.mark.parametrize("name", ["iat", "exp", "nbf"])
@pytest.mark.parametrize("value", ["1795338000", 1.5e10, True, [], {}])
def test_times_are_whole_numbers(name: str, value: object) -> None:
    with pytest.raises(TokenInvalid):
        verified(token(**{name: value}))  # type: ignore[arg-type]  # the name is one of three claims


@pytest.mark.parametrize("name", ["iat", "exp", "sub"])
def test_a_token_without_a_needed_claim_is_refused(name: str) -> None:
    with pytest.raises(TokenInvalid):
        verified(issue_token({key: value for key, value in CLAIMS.items() if key != name}, KEY, "2026-11"))


def test_a_token_about_nobody_is_refused() -> None:
    with pytest.raises(TokenInvalid, match="nobody"):
        verified(token(sub=""))


def test_an_expired_token_of_another_key_is_invalid_and_not_expired() -> None:
    with pytest.raises(TokenInvalid):
        verified(token(SigningKey.generate(), exp=SECONDS - 1))


def test_another_key_under_the_same_kid_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        verified(token(SigningKey.generate()))


@pytest.mark.parametrize("kid", ["2025-01", "../2026-11", "2026-11/", "/dev/null", "2026-11\0", "' OR '1'='1", ""])
def test_an_unknown_kid_is_refused_also_when_it_is_a_path_or_a_query(kid: str) -> None:
    with pytest.raises(TokenInvalid, match="unknown key"):
        verified(token(kid=kid))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, "EdDSA", "ed25519", "Ed448", "HS256", "RS256"])
def test_another_algorithm_is_refused_even_over_a_good_signature(algorithm: object) -> None:
    with pytest.raises(TokenInvalid):
        verified(forged({**HEADER, "alg": algorithm}))


def test_a_token_without_a_signature_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        verified(forged({**HEADER, "alg": "none"}, sign=lambda _: b""))
    with pytest.raises(TokenInvalid):
        verified(forged(HEADER, sign=lambda _: b""))


@pytest.mark.parametrize("algorithm", ["HS256", "Ed25519"])
def test_a_mac_made_with_the_public_key_is_refused(algorithm: str) -> None:
    pem = json.dumps(jwk(KEY.public, "2026-11")).encode()
    for secret in (KEY.public.raw, pem, b64url(KEY.public.raw).encode()):
        with pytest.raises(TokenInvalid):
            verified(
                forged(
                    {**HEADER, "alg": algorithm},
                    sign=lambda text, secret=secret: hmac.digest(secret, text, hashlib.sha256),
                )
            )


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": True},
        {"jwk": jwk(KEY.public, "2026-11")},
        {"jku": "https://example.org/keys"},
        {"x5u": "https://example.org/chain"},
        {"typ": "at+jwt"},
        {"kid": 1},
        {"kid": None},
        {"kid": ["2026-11"]},
    ],
    ids=str,
)
def test_a_header_that_asks_for_more_is_refused(extra: dict[str, object]) -> None:
    with pytest.raises(TokenInvalid):
        verified(forged({**HEADER, **extra}))


@pytest.mark.parametrize("name", ["alg", "kid", "typ"])
def test_a_header_that_says_less_is_refused(name: str) -> None:
    with pytest.raises(TokenInvalid):
        verified(forged({key: value for key, value in HEADER.items() if key != name}))


@pytest.mark.parametrize("claims", [[], "text", 1, None, [CLAIMS]])
def test_claims_are_an_object(claims: object) -> None:
    with pytest.raises(TokenInvalid):
        verified(forged(HEADER, claims=claims))


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "\ud800", "é.é.é", token() + ".x", "x." + token(), token()[:-4], token() + "=="]
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenInvalid):
        verified(text)


@pytest.mark.parametrize("value", [None, 1, b"bytes", ["list"], {}])
def test_what_is_no_text_is_refused(value: Any) -> None:  # noqa: ANN401  callers across the bus send any JSON
    with pytest.raises(TokenInvalid):
        verified(value)


@given(data=st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    good = token()
    place = data.draw(st.integers(0, len(good) - 1))
    character = data.draw(st.characters(max_codepoint=126, min_codepoint=33).filter(lambda char: char != good[place]))
    with pytest.raises(TokenInvalid):
        verified(good[:place] + character + good[place + 1 :])


def test_the_bearer_of_a_token_reads_in_it_without_a_key() -> None:
    assert bearer_claims(issue_token(CLAIMS, KEY, "2026-11")) == CLAIMS


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", issue_token(CLAIMS, KEY, "k").replace(".", "")])
def test_what_is_no_token_is_not_read(text: str) -> None:
    with pytest.raises(TokenInvalid):
        bearer_claims(text)


def test_a_refusal_never_shows_the_token() -> None:
    text = token(kid="2025-01", sub="user-secret")
    with pytest.raises(TokenInvalid) as refused:
        verified(text)
    assert not any(part in str(refused.value) for part in text.split("."))


# ---- Key sets


def key_set(*keys: dict[str, Any]) -> str:
    return json.dumps({"keys": keys})


def test_a_key_set_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    other = SigningKey.generate().public
    path.write_text(key_set(jwk(KEY.public, "a"), jwk(other, "b")), encoding="ascii")
    keys = KeySet.load(path)
    assert dict(keys) == {"a": KEY.public, "b": other}
    assert len(keys) == 2
    assert keys.get("c") is None


def test_a_jwk_is_that_of_rfc_8037() -> None:
    # RFC 8037 appendix A.2.
    raw = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert jwk(VerifyKey(raw), "k") == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "alg": "Ed25519",
        "kid": "k",
        "use": "sig",
    }


GOOD = jwk(KEY.public, "a")
ED448_X = b64url(Ed448PrivateKey.from_private_bytes(bytes(57)).public_key().public_bytes_raw())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        key_set(),
        '{"keys": {"a": 1}}',
        '{"keys": [1]}',
        '{"keys": null}',
        key_set(GOOD, GOOD),
        key_set({**GOOD, "d": b64url(KEY.private.private_bytes_raw())}),
        key_set({**GOOD, "kty": "oct", "k": "AAAA"}),
        key_set({**GOOD, "crv": "Ed448", "x": ED448_X}),
        key_set({**GOOD, "crv": "X25519"}),
        key_set({**GOOD, "x": "AAAA"}),
        key_set({**GOOD, "x": 1}),
        key_set({**GOOD, "kid": 1}),
        key_set({name: value for name, value in GOOD.items() if name != "kid"}),
        key_set({name: value for name, value in GOOD.items() if name != "x"}),
    ],
)
def test_a_set_that_is_not_of_public_ed25519_keys_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KeySetInvalid, match=str(path)):
        KeySet.load(path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(KeySetInvalid):
        KeySet.load(path)
