"""Encryption to people."""

import pyrage
import pytest

from shared.crypto.age import IdentityRefused, RecipientInvalid, decrypt_with, encrypt_to, new_identity, recipient_of

ALICE, BOB, EVE = (pyrage.x25519.Identity.generate() for _ in range(3))
RECIPIENTS = [str(ALICE.to_public()), str(BOB.to_public())]


@pytest.mark.parametrize("identity", [ALICE, BOB], ids=["Alice", "Bob"])
def test_each_recipient_alone_can_open(identity: object) -> None:
    assert decrypt_with(str(identity), encrypt_to(RECIPIENTS, b"keys")) == b"keys"


def test_a_new_identity_opens_what_its_recipient_gets() -> None:
    identity, recipient = new_identity()
    assert decrypt_with(identity, encrypt_to([recipient], b"keys")) == b"keys"
    assert new_identity()[0] != identity


def test_an_identity_file_with_comments_opens() -> None:
    text = f"# created: 2026-11-22\n# public key: {RECIPIENTS[0]}\n\n{ALICE}\n"
    assert decrypt_with(text, encrypt_to(RECIPIENTS, b"keys")) == b"keys"


def test_somebody_else_cannot_open() -> None:
    with pytest.raises(IdentityRefused):
        decrypt_with(str(EVE), encrypt_to(RECIPIENTS, b"keys"))


def test_a_changed_byte_is_noticed() -> None:
    data = bytearray(encrypt_to(RECIPIENTS, b"keys"))
    data[-1] ^= 1
    with pytest.raises(IdentityRefused):
        decrypt_with(str(ALICE), bytes(data))


@pytest.mark.parametrize(
    "identity",
    ["", "# only a comment", "AGE-SECRET-KEY-1NONSENSE", RECIPIENTS[0]],
    ids=["nothing", "a comment", "nonsense", "a recipient"],
)
def test_a_malformed_identity_is_refused_without_showing_it(identity: str) -> None:
    with pytest.raises(IdentityRefused) as refused:
        decrypt_with(identity, encrypt_to(RECIPIENTS, b"keys"))
    assert str(refused.value) == "the identity does not open this"


@pytest.mark.parametrize(
    "recipients",
    [[], [""], ["age1nonsense"], [*RECIPIENTS, "x"], [str(EVE)], ["ssh-rsa AAAA"]],
    ids=["nobody", "nothing", "nonsense", "good ones and a bad one", "an identity", "another kind of key"],
)
def test_a_malformed_recipient_is_refused(recipients: list[str]) -> None:
    with pytest.raises(RecipientInvalid) as refused:
        encrypt_to(recipients, b"keys")
    assert str(EVE) not in str(refused.value)


def test_a_recipient_is_the_one_of_its_identity() -> None:
    identity, recipient = new_identity()
    assert recipient_of(f"{identity}\n") == recipient
    with pytest.raises(IdentityRefused) as refused:
        recipient_of("AGE-SECRET-KEY-1NONSENSE")
    assert "NONSENSE" not in str(refused.value)
