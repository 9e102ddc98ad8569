"""Passkeys against an authenticator in software that follows the standard, or does not."""

import json
from collections.abc import Mapping
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.adapters.passkeys import WebauthnPasskeys
from services.auth.adapters.web_origin import WebOrigin, WebOriginInvalid
from services.auth.domain.passkey import Registered, Shown
from shared.crypto.envelope import SealBroken
from shared.kernel.ids import new_id
from tests.authenticator import ORIGIN, Authenticator, b64, unb64

TENANT, USER, FACTOR = new_id(), new_id(), new_id()
LOGIN, OTHER_LOGIN = "login/1", "login/2"
PASSKEYS = WebauthnPasskeys(b"k" * 32, WebOrigin.read(ORIGIN))


def registered(authenticator: Authenticator, ceremony: str = "registration/1", known: tuple[str, ...] = ()) -> str:
    """The material of a passkey that was registered."""
    options = PASSKEYS.registration_options(TENANT, USER, ceremony, "ada@example.org", known)
    made = PASSKEYS.register(TENANT, USER, ceremony, authenticator.register(options), known)
    assert made is not None
    return made.material


def register(authenticator: Authenticator, known: tuple[str, ...] = (), **client: object) -> Registered | None:
    options = PASSKEYS.registration_options(TENANT, USER, "registration/1", "ada@example.org", known)
    return PASSKEYS.register(TENANT, USER, "registration/1", authenticator.register(options, **client), known)


def show(authenticator: Authenticator, material: str, **client: object) -> Shown | None:
    options = PASSKEYS.options(TENANT, USER, LOGIN, [material])
    return judge(authenticator.assertion(options, **client), material)


def judge(response: str, material: str, *ceremonies: str) -> Shown | None:
    return PASSKEYS.judge(TENANT, USER, ceremonies or (LOGIN,), {FACTOR: material}, response)


# --- what holds


def test_a_registered_passkey_answers_a_challenge() -> None:
    authenticator = Authenticator()
    shown = show(authenticator, registered(authenticator))
    assert shown is not None
    assert (shown.factor_id, shown.sign_count, len(shown.challenge)) == (FACTOR, 1, 32)


@pytest.mark.parametrize("attestation", ["none", "packed"])
def test_no_attestation_is_needed_and_one_without_certificates_is_taken(attestation: str) -> None:
    assert register(Authenticator(attestation=attestation)) is not None


def test_a_passkey_that_is_copied_between_devices_never_counts() -> None:
    authenticator = Authenticator(counts=False, copyable=True)
    material = registered(authenticator)
    for _ in range(2):
        shown = show(authenticator, material)
        assert shown is not None
        assert shown.sign_count == 0


def test_options_name_the_site_the_passkeys_and_ask_for_the_person() -> None:
    authenticator = Authenticator()
    material = registered(authenticator)
    new = json.loads(PASSKEYS.registration_options(TENANT, USER, "registration/2", "ada@example.org", [material]))
    assert new["rp"]["id"] == "tallystick.example"
    assert (new["attestation"], new["authenticatorSelection"]["userVerification"]) == ("none", "required")
    assert [unb64(each["id"]) for each in new["excludeCredentials"]] == [authenticator.credential_id]
    wanted = json.loads(PASSKEYS.options(TENANT, USER, LOGIN, [material]))
    assert (wanted["rpId"], wanted["userVerification"]) == ("tallystick.example", "required")
    assert [unb64(each["id"]) for each in wanted["allowCredentials"]] == [authenticator.credential_id]


def test_a_user_handle_says_nothing_about_the_user() -> None:
    options = PASSKEYS.registration_options(TENANT, USER, "registration/1", "ada@example.org", ())
    handle = unb64(json.loads(options)["user"]["id"])
    assert len(handle) == 32
    assert not any(part in handle for part in (USER.encode(), bytes.fromhex(USER.replace("-", ""))))


def test_what_is_kept_of_a_passkey_is_sealed_for_its_user() -> None:
    authenticator = Authenticator()
    material = registered(authenticator)
    assert b64(authenticator.credential_id) not in material
    for tenant, user in ((new_id(), USER), (TENANT, new_id())):
        with pytest.raises(SealBroken):
            PASSKEYS.judge(tenant, user, (LOGIN,), {FACTOR: material}, "{}")


# --- what does not


WISHES: Mapping[str, Mapping[str, Any]] = {
    "another origin": {"origin": "https://tallystick.example.evil.example"},
    "another port": {"origin": "https://tallystick.example:444"},
    "another RP id": {"rp_id": "evil.example"},
    "the user absent": {"present": False},
    "the user not verified": {"verified": False},
    "inside a frame of another site": {"cross_origin": True},
}


@pytest.mark.parametrize("wish", WISHES)
def test_a_registration_is_refused_with(wish: str) -> None:
    assert register(Authenticator(**WISHES[wish])) is None


@pytest.mark.parametrize("wish", WISHES)
def test_an_assertion_is_refused_with(wish: str) -> None:
    authenticator = Authenticator()
    material = registered(authenticator)
    for name, value in WISHES[wish].items():
        setattr(authenticator, name, value)
    assert show(authenticator, material) is None


def test_an_assertion_holds_for_its_own_challenge_alone() -> None:
    authenticator = Authenticator()
    material = registered(authenticator)
    response = authenticator.assertion(PASSKEYS.options(TENANT, USER, LOGIN, [material]))
    assert judge(response, material, OTHER_LOGIN) is None
    assert judge(response, material, OTHER_LOGIN, LOGIN) is not None


def test_a_challenge_belongs_to_its_user_and_to_this_installation() -> None:
    def challenge(passkeys: WebauthnPasskeys, tenant: str, user: str, ceremony: str) -> str:
        return str(json.loads(passkeys.options(tenant, user, ceremony, ()))["challenge"])

    elsewhere = WebauthnPasskeys(b"j" * 32, WebOrigin.read(ORIGIN))
    challenges = [
        challenge(PASSKEYS, TENANT, USER, LOGIN),
        challenge(PASSKEYS, TENANT, USER, OTHER_LOGIN),
        challenge(PASSKEYS, TENANT, new_id(), LOGIN),
        challenge(PASSKEYS, new_id(), USER, LOGIN),
        challenge(elsewhere, TENANT, USER, LOGIN),
    ]
    assert len(set(challenges)) == len(challenges)
    assert challenge(PASSKEYS, TENANT, USER, LOGIN) == challenges[0]


def test_an_answer_of_one_kind_does_not_pass_for_the_other() -> None:
    authenticator = Authenticator()
    material = registered(authenticator)
    assert show(authenticator, material, type="webauthn.create") is None
    assert register(Authenticator(), type="webauthn.get") is None


def test_the_credential_of_somebody_else_is_refused() -> None:
    mine, theirs = Authenticator(), Authenticator()
    material = registered(mine)
    registered(theirs)
    assert show(theirs, material) is None
    theirs.credential_id = mine.credential_id  # it names mine and signs with theirs
    assert show(theirs, material) is None


def test_the_handle_of_another_user_is_refused_and_none_is_needed() -> None:
    authenticator = Authenticator()
    material = registered(authenticator)
    authenticator.user_handle = b"somebody else"
    assert show(authenticator, material) is None
    authenticator.user_handle = b""
    assert show(authenticator, material) is not None


def test_a_passkey_is_not_registered_twice() -> None:
    authenticator = Authenticator()
    assert register(authenticator, known=(registered(authenticator),)) is None


def test_a_passkey_does_not_become_one_that_is_copied() -> None:
    authenticator = Authenticator()
    material = registered(authenticator)
    authenticator.copyable = True
    assert show(authenticator, material) is None


def test_a_changed_signature_is_refused() -> None:
    authenticator = Authenticator()
    material = registered(authenticator)
    answer = json.loads(authenticator.assertion(PASSKEYS.options(TENANT, USER, LOGIN, [material])))
    signature = bytearray(unb64(answer["response"]["signature"]))
    signature[-1] ^= 1
    answer["response"]["signature"] = b64(bytes(signature))
    assert judge(json.dumps(answer), material) is None


def test_certificates_are_not_even_read() -> None:
    authenticator = Authenticator()
    options = PASSKEYS.registration_options(TENANT, USER, "registration/1", "ada@example.org", ())
    answer = json.loads(authenticator.register(options))
    attestation = cbor2.loads(unb64(answer["response"]["attestationObject"]))
    for form, statement in (("packed", {"alg": -7, "sig": b"", "x5c": [b"no certificate"]}), ("tpm", {})):
        changed = cbor2.dumps({**attestation, "fmt": form, "attStmt": statement})
        answer["response"]["attestationObject"] = b64(changed)
        assert PASSKEYS.register(TENANT, USER, "registration/1", json.dumps(answer), ()) is None


# --- whatever else comes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def twisted(answer: str, place: tuple[str, ...], value: object) -> str:
    """The answer with something else in one place."""
    whole = json.loads(answer)
    target = whole
    for name in place[:-1]:
        target = target[name]
    target[place[-1]] = value
    return json.dumps(whole)


AUTHENTICATOR = Authenticator()
MATERIAL = registered(AUTHENTICATOR)
ASSERTION = AUTHENTICATOR.assertion(PASSKEYS.options(TENANT, USER, LOGIN, [MATERIAL]))
REGISTRATION = Authenticator().register(
    PASSKEYS.registration_options(TENANT, USER, "registration/1", "ada@example.org", ())
)
PLACES = [("id",), ("rawId",), ("type",), ("response",)]
INNER = ["clientDataJSON", "authenticatorData", "signature", "attestationObject"]


@given(st.text() | JSON.map(json.dumps))
def test_nothing_else_is_an_answer(response: str) -> None:
    assert judge(response, MATERIAL) is None
    assert PASSKEYS.register(TENANT, USER, "registration/1", response, ()) is None


@given(st.sampled_from([*PLACES, *(("response", name) for name in INNER), ("response", "userHandle")]), JSON)
def test_an_answer_with_anything_else_in_one_place_raises_nothing(place: tuple[str, ...], value: object) -> None:
    judge(twisted(ASSERTION, place, value), MATERIAL)
    PASSKEYS.register(TENANT, USER, "registration/1", twisted(REGISTRATION, place, value), ())


@given(st.sampled_from(INNER), st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_other_bytes_within_an_answer_raise_nothing(name: str, content: bytes) -> None:
    judge(twisted(ASSERTION, ("response", name), b64(content)), MATERIAL)
    PASSKEYS.register(TENANT, USER, "registration/1", twisted(REGISTRATION, ("response", name), b64(content)), ())


@given(st.dictionaries(st.integers(-4, 4), st.integers(-300, 300) | st.binary(max_size=40), max_size=6))
def test_a_key_of_any_form_raises_nothing(key: dict[int, object]) -> None:
    answer = json.loads(REGISTRATION)
    attestation = cbor2.loads(unb64(answer["response"]["attestationObject"]))
    head = attestation["authData"][: 37 + 16 + 2 + 32]
    changed = cbor2.dumps({**attestation, "authData": head + cbor2.dumps(key)})
    answer["response"]["attestationObject"] = b64(changed)
    assert PASSKEYS.register(TENANT, USER, "registration/1", json.dumps(answer), ()) is None


@pytest.mark.parametrize("response", ["[" * 8000, '{"id":' * 1000, "", "null", "\ud800"])
def test_brackets_in_brackets_are_no_answer(response: str) -> None:
    assert judge(response, MATERIAL) is None
    assert PASSKEYS.register(TENANT, USER, "registration/1", response, ()) is None


# --- the origin


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://tallystick.example", "tallystick.example"),
        ("https://books.example.org:8443", "books.example.org"),
        ("http://localhost:8080", "localhost"),
        ("http://acme.localhost", "acme.localhost"),
    ],
)
def test_the_relying_party_is_the_host_of_the_origin(origin: str, rp_id: str) -> None:
    assert WebOrigin.read(origin) == WebOrigin(origin, rp_id)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "tallystick.example",
        "http://tallystick.example",
        "http://localhost.example",
        "https://tallystick.example/",
        "https://tallystick.example/login",
        "https://Tallystick.example",
        "https://user@tallystick.example",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
        "https://tallystick.example:port",
        "https://tallystick.example?",
        "ftp://tallystick.example",
    ],
)
def test_what_no_browser_makes_passkeys_for_is_no_origin(origin: str) -> None:
    with pytest.raises(WebOriginInvalid):
        WebOrigin.read(origin)
