"""An authenticator in software: CTAP2-like registrations and assertions, as a browser hands them on, or with a fault.

It does what the standard says and nothing else; tests give it other wishes to see them refused.
"""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "https://tallystick.example"
RP_ID = "tallystick.example"
_PRESENT, _VERIFIED, _COPYABLE, _COPIED, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey; `counts=False` for those that are copied between devices."""

    origin: str = ORIGIN
    rp_id: str | None = None
    """None: that of the options, as browsers do it."""
    counts: bool = True
    sign_count: int = 0
    present: bool = True
    verified: bool = True
    copyable: bool = False
    cross_origin: bool = False
    attestation: str = "none"
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes = b""

    def __post_init__(self) -> None:
        self._key = generate_private_key(SECP256R1())

    def register(self, options: str, **client: object) -> str:
        """Answer navigator.credentials.create()."""
        wanted = json.loads(options)
        self.user_handle = unb64(wanted["user"]["id"])
        numbers = self._key.public_key().public_numbers()
        cose_key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(cose_key)
        data = self._data(self.rp_id or wanted["rp"]["id"], _ATTESTED) + attested
        client_data = self._client_data("webauthn.create", wanted["challenge"], client)
        statement: dict[str, object] = {}
        if self.attestation == "packed":
            signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
            statement = {"alg": -7, "sig": signature}
        attestation = cbor2.dumps({"fmt": self.attestation, "attStmt": statement, "authData": data})
        return self._answer({"clientDataJSON": b64(client_data), "attestationObject": b64(attestation)})

    def assertion(self, options: str, **client: object) -> str:
        """Answer navigator.credentials.get()."""
        wanted = json.loads(options)
        self.sign_count += self.counts
        data = self._data(self.rp_id or wanted["rpId"])
        client_data = self._client_data("webauthn.get", wanted["challenge"], client)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": b64(client_data),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": b64(self.user_handle),
            }
        )

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        flags |= _PRESENT * self.present | _VERIFIED * self.verified | (_COPYABLE | _COPIED) * self.copyable
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, self.sign_count)

    def _client_data(self, kind: str, challenge: str, client: dict[str, Any]) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps({**data, **client}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        identity = b64(self.credential_id)
        return json.dumps({"id": identity, "rawId": identity, "type": "public-key", "response": response})
