"""Encryption to people who read S/MIME (RFC 8551): their certificate is judged when it is stored, and then used.

Who certified it is not checked: whoever stores it vouches that it is the customer's, as with an age key.
"""

from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_LEAST_BITS, _MOST_BITS = 2048, 8192
_RSA_ALONE = f"Mail is encrypted to RSA keys of {_LEAST_BITS} to {_MOST_BITS} bits alone."
_FOR_MAIL = frozenset({ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


class CertificateRefused(Exception):
    """A certificate that no mail to its owner is to be encrypted with; the sentence quotes nothing of it."""


def require_certificate(pem: str, address: str, now: datetime) -> None:
    """Return when mail to `address` can be encrypted to this one certificate; CertificateRefused otherwise.

    RSA alone: the library wraps keys for nothing else, and a certificate that nothing is encrypted to would promise
    what is not kept. RFC 8550, 4.4: usages count where they are stated; 3: the address stands in the certificate.
    """
    certificate = _loaded(pem)
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        raise CertificateRefused("This certificate is expired, or not valid yet.")
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateRefused(_RSA_ALONE) from None
    if not isinstance(key, rsa.RSAPublicKey) or not _LEAST_BITS <= key.key_size <= _MOST_BITS:
        raise CertificateRefused(_RSA_ALONE)
    try:
        extensions = certificate.extensions
        addresses = {_comparable(each) for each in _addresses(certificate)}
    except ValueError:
        raise CertificateRefused("This certificate has parts that cannot be read.") from None
    _require_for_mail(extensions)
    if _comparable(address) not in addresses:
        raise CertificateRefused("This certificate is for another e-mail address than the customer's.")


def enveloped(pem: str, content: bytes) -> bytes:
    """Encrypt to a certificate: CMS EnvelopedData in DER, AES-256-CBC, RSA PKCS #1 v1.5, as every S/MIME reader knows.

    Not authenticated (RFC 8551 has AES-GCM for that, which the library has not): it hides, and proves nothing.
    Raises CertificateRefused for a text that is no certificate with an RSA key.
    """
    try:
        builder = PKCS7EnvelopeBuilder().set_data(content).add_recipient(_loaded(pem))
    except TypeError:
        raise CertificateRefused(_RSA_ALONE) from None
    return builder.set_content_encryption_algorithm(AES256).encrypt(Encoding.DER, [PKCS7Options.Binary])


def _loaded(pem: str) -> x509.Certificate:
    text = pem.strip()
    # Nothing before, after or between: no second certificate, and above all no private key.
    if not (text.startswith(_BEGIN) and text.endswith(_END) and text.count("-----BEGIN") == 1):
        raise CertificateRefused("Not one certificate in PEM, and nothing else.")
    try:
        return x509.load_pem_x509_certificate(text.encode("ascii"))
    except ValueError:
        raise CertificateRefused("Not one certificate in PEM, and nothing else.") from None


def _require_for_mail(extensions: x509.Extensions) -> None:
    """Refuse what states that it is for something else, or has something critical that is not known (RFC 5280, 4.2)."""
    for extension in extensions:
        match extension.value:
            case x509.BasicConstraints(ca=True):
                raise CertificateRefused("This is the certificate of an authority, not of a mailbox.")
            case x509.KeyUsage(key_encipherment=False):
                raise CertificateRefused("This certificate is not for encryption (key usage).")
            case x509.ExtendedKeyUsage() as usages if _FOR_MAIL.isdisjoint(usages):
                raise CertificateRefused("This certificate is not for e-mail (extended key usage).")
            case x509.UnrecognizedExtension() if extension.critical:
                raise CertificateRefused("This certificate has a critical extension that is not known here.")
            case _:
                pass


def _addresses(certificate: x509.Certificate) -> Iterator[str]:
    """Yield the mailboxes of a certificate; those in its subject, an older custom, where it has no other."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        named = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
        yield from (str(each.value) for each in named)
    else:
        yield from names.get_values_for_type(x509.RFC822Name)


def _comparable(address: str) -> str:
    """Return an address as RFC 5280, 7.5, compares it: the domain without regard to case, in its ASCII form."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii').lower()}"
    except UnicodeError:
        return f"{local}@{domain.lower()}"
