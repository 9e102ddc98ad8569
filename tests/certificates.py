"""S/MIME certificates as people have them, good and bad."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ADDRESS = "administratie@hofvanfietsen.example"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key, made once for each length: that takes long."""
    return rsa.generate_private_key(65537, bits)


def certificate(
    *extensions: tuple[x509.ExtensionType, bool],
    address: str | None = ADDRESS,
    key: Key | None = None,
    since: datetime = NOW - timedelta(days=1),
    until: datetime = NOW + timedelta(days=365),
    subject: Sequence[x509.NameAttribute[str]] = (),
) -> str:
    """A certificate that its own key signed, in PEM; extensions with whether they are critical."""
    key = key or rsa_key()
    name = x509.Name(subject or [x509.NameAttribute(NameOID.COMMON_NAME, "Hof")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, since, until)
    named = [] if address is None else [(x509.SubjectAlternativeName([x509.RFC822Name(address)]), False)]
    for extension, critical in (*named, *extensions):
        builder = builder.add_extension(extension, critical)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()
