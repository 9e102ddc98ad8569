"""Mail is encrypted to certificates that are the customer's, good for it, and nothing else."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import pkcs7_decrypt_der
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared.crypto.smime import CertificateRefused, enveloped, require_certificate
from tests.certificates import ADDRESS, NOW, certificate, rsa_key

MAIL, SERVER = ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.SERVER_AUTH


def usage(*, encipherment: bool) -> x509.KeyUsage:
    """Whether keys are encrypted to it."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


GOOD = {
    "plain": certificate(),
    "for mail": certificate((x509.ExtendedKeyUsage([SERVER, MAIL]), True)),
    "for anything": certificate((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), False)),
    "to encrypt": certificate((usage(encipherment=True), True)),
    "no authority": certificate((x509.BasicConstraints(ca=False, path_length=None), True)),
    "DOMAIN": certificate(address="administratie@HofVanFietsen.Example"),
    "in the subject": certificate(address=None, subject=[x509.NameAttribute(NameOID.EMAIL_ADDRESS, ADDRESS)]),
    "with something unknown": certificate((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b""), False)),
    "spaced": f"\n{certificate()}\n\n",
}
_SECRET = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
BAD = {
    "expired": (certificate(since=NOW - timedelta(days=9), until=NOW), "expired"),
    "not valid yet": (certificate(since=NOW + timedelta(seconds=1)), "not valid yet"),
    "short key": (certificate(key=rsa_key(1024)), "RSA keys of 2048"),
    "curve": (certificate(key=ec.generate_private_key(ec.SECP256R1())), "RSA keys"),
    "of a server": (certificate((x509.ExtendedKeyUsage([SERVER]), False)), "not for e-mail"),
    "to sign": (certificate((usage(encipherment=False), True)), "not for encryption"),
    "of an authority": (certificate((x509.BasicConstraints(ca=True, path_length=None), True)), "authority"),
    "critical": (certificate((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b""), True)), "critical"),
    "of somebody else": (certificate(address="other@hofvanfietsen.example"), "another e-mail address"),
    "another mailbox": (certificate(address=ADDRESS.capitalize()), "another e-mail address"),
    "of nobody": (certificate(address=None), "another e-mail address"),
    "subject beside another address": (
        certificate(address="a@b.example", subject=[x509.NameAttribute(NameOID.EMAIL_ADDRESS, ADDRESS)]),
        "another e-mail address",
    ),
    "with its key": (certificate() + _SECRET, "Not one certificate"),
    "two": (certificate() * 2, "Not one certificate"),
    "cut": (certificate()[:400] + "\n-----END CERTIFICATE-----", "Not one certificate"),
    "key alone": (_SECRET, "Not one certificate"),
    "letters": ("-----BEGIN CERTIFICATE-----\nZoë\n-----END CERTIFICATE-----", "Not one certificate"),
    "empty": ("", "Not one certificate"),
}


@pytest.mark.parametrize("pem", GOOD.values(), ids=GOOD)
def test_a_certificate_for_the_mailbox_is_taken(pem: str) -> None:
    require_certificate(pem, ADDRESS, NOW)


@pytest.mark.parametrize(("pem", "why"), BAD.values(), ids=BAD)
def test_any_other_is_refused_and_not_quoted(pem: str, why: str) -> None:
    with pytest.raises(CertificateRefused, match=why) as refused:
        require_certificate(pem, ADDRESS, NOW)
    assert not pem or pem[30:60] not in str(refused.value)


def test_a_domain_is_compared_as_it_goes_over_the_wire() -> None:
    require_certificate(certificate(address="zoe@xn--mnchen-3ya.example"), "zoe@münchen.example", NOW)


def test_the_key_of_the_certificate_opens_what_is_encrypted_to_it() -> None:
    content = b"Content-Type: text/plain\r\n\r\ncanary\r\n"
    sealed = enveloped(certificate(), content)
    assert b"canary" not in sealed
    owner = x509.load_pem_x509_certificate(certificate().encode())
    assert pkcs7_decrypt_der(sealed, owner, rsa_key(), []) == content
    assert enveloped(certificate(), content) != sealed


@pytest.mark.parametrize("pem", [BAD["curve"][0], "", _SECRET])
def test_nothing_is_encrypted_to_what_has_no_rsa_key(pem: str) -> None:
    with pytest.raises(CertificateRefused):
        enveloped(pem, b"canary")
