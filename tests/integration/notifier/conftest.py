import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.notifier.adapters.smtp import Encryption, SmtpServer
from tests.integration.notifier.mailroom import Notifier
from tests.integration.notifier.smtp_servers import Mailbox, Server, start
from tests.stack import Database

SENDER = Address("", addr_spec="invoices@seller.example")


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """`serve(mailbox)` starts an SMTP server, gone after the test."""
    with ExitStack() as stack:

        def make(mailbox: Mailbox, **options: object) -> Server:
            server = start(mailbox, **options)  # type: ignore[arg-type]  # the options of `start`
            stack.callback(server.stop)
            return server

        yield make


@pytest.fixture
def notifier(database: Callable[[str], Database]) -> Notifier:
    return Notifier(database("notifier"))


def plain(server: Server) -> SmtpServer:
    """Describe a server as the notifier sees it; nothing is waited for longer than a test can bear."""
    return SmtpServer("127.0.0.1", server.port, SENDER, Encryption.NONE, timeout=60, verdict_timeout=60)


@dataclass(frozen=True)
class Certificate:
    """A self-made certificate for 127.0.0.1."""

    path: Path

    def for_server(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.path)
        return context

    def for_client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.path)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return Certificate(path)
