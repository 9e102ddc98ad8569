"""A mail to somebody with a key is read by nobody else, the servers on its way included."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs7 import pkcs7_decrypt_der

from services.notifier.adapters.message import write_message
from services.notifier.domain.mail import MailRefused
from shared.crypto.age import decrypt_with, new_identity
from tests.certificates import certificate, rsa_key
from tests.unit.notifier.test_mail import DOCUMENT, NOON, PROOF, SENDER, mail, written

IDENTITY, RECIPIENT = new_identity()
TOLD = [b"2026-0001", b"your invoice", b"JVBERi0xLjcg"]
"""Number and words, and how a PDF begins in base64."""


def test_an_smime_mail_shows_everybody_its_addresses_alone() -> None:
    pem = certificate()
    message = write_message(mail(certificate=pem, age_recipient=RECIPIENT), SENDER, NOON).content
    assert not [each for each in TOLD if each in message]
    outer = message_from_bytes(message, policy=policy.SMTP)
    assert isinstance(outer, EmailMessage)
    assert outer["Subject"] == "Encrypted message"
    assert outer.get_content_type() == "application/pkcs7-mime"
    assert outer.get_param("smime-type") == "enveloped-data"
    sealed = outer.get_content()
    opened = pkcs7_decrypt_der(sealed, x509.load_pem_x509_certificate(pem.encode()), rsa_key(), [])
    inner = message_from_bytes(opened, policy=policy.SMTP)
    assert isinstance(inner, EmailMessage)
    body = inner.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["Dear Zoë,", "your invoice is attached."]
    assert [each.get_content() for each in inner.iter_attachments()] == [DOCUMENT.content, PROOF.content]


def test_files_are_encrypted_to_an_age_key_and_nothing_else_is_told() -> None:
    message = written(age_recipient=RECIPIENT)
    assert not [each for each in TOLD if each in message.as_bytes()]
    assert message["Subject"] == "Encrypted message"
    document, proof = message.iter_attachments()
    assert (document.get_filename(), proof.get_filename()) == ("document.pdf.age", "document.tlog-proof.age")
    assert decrypt_with(IDENTITY, document.get_content()) == DOCUMENT.content
    assert decrypt_with(IDENTITY, proof.get_content()) == PROOF.content


@pytest.mark.parametrize("keys", [{"certificate": "none"}, {"age_recipient": "age1qqqq"}])
def test_what_cannot_be_encrypted_is_not_written_in_the_open(keys: dict[str, str]) -> None:
    with pytest.raises(MailRefused) as refused:
        write_message(mail(**keys), SENDER, NOON)
    assert refused.value.code == "mail_not_encryptable"


def test_an_encrypted_mail_is_told_by_the_digest_of_what_is_in_it() -> None:
    assert mail(certificate=certificate()).digest == mail(age_recipient=RECIPIENT).digest == mail().digest
