"""Ed25519 keys: signatures and files."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.private_files import KeyFileRefused
from shared.crypto.signing import SignatureInvalid, SigningKey, VerifyKey

KEY = SigningKey.generate()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    KEY.save(path)
    return path


def test_the_signature_is_that_of_rfc_8032() -> None:
    # RFC 8032 section 7.1, test 2.
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
    assert key.public.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


@given(data=st.binary(max_size=200))
def test_a_signature_verifies(data: bytes) -> None:
    KEY.public.verify(KEY.sign(data), data)


@given(bit=st.integers(0, 511))
def test_any_changed_bit_of_a_signature_is_noticed(bit: int) -> None:
    signature = bytearray(KEY.sign(b"text"))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SignatureInvalid):
        KEY.public.verify(bytes(signature), b"text")


@pytest.mark.parametrize("signature", [b"", bytes(64), bytes(63), bytes(65)])
def test_a_malformed_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        KEY.public.verify(signature, b"text")


def test_another_key_does_not_verify() -> None:
    with pytest.raises(SignatureInvalid):
        SigningKey.generate().public.verify(KEY.sign(b"text"), b"text")


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33)])
def test_a_public_key_is_32_bytes(raw: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        VerifyKey(raw)


def test_a_saved_key_is_private_and_loads(key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert key_file.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert SigningKey.load(key_file).public == KEY.public


def test_a_saved_key_is_never_overwritten(key_file: Path) -> None:
    with pytest.raises(FileExistsError):
        SigningKey.generate().save(key_file)
    assert SigningKey.load(key_file).public == KEY.public


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o606])
def test_a_key_file_that_others_can_touch_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(KeyFileRefused):
        SigningKey.load(key_file)


def test_a_file_without_a_key_is_refused(key_file: Path) -> None:
    key_file.write_text("nothing of the kind", encoding="ascii")
    with pytest.raises(KeyFileRefused, match="PKCS#8"):
        SigningKey.load(key_file)


def test_an_encrypted_key_is_refused(key_file: Path) -> None:
    encryption = BestAvailableEncryption(b"passphrase")
    key_file.write_bytes(KEY.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    with pytest.raises(KeyFileRefused, match="unencrypted"):
        SigningKey.load(key_file)


def test_a_key_of_another_kind_is_refused(key_file: Path) -> None:
    pem = Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_file.write_bytes(pem)
    with pytest.raises(KeyFileRefused, match="not Ed25519"):
        SigningKey.load(key_file)


def test_a_private_key_does_not_show_itself() -> None:
    assert KEY.private.private_bytes_raw().hex() not in repr(KEY)
    assert "private" not in repr(KEY)
