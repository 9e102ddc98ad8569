"""Make the golden vectors of messages on the bus.

    python tests/vectors/make_bus_message_vectors.py > tests/vectors/bus_message.json

Run once; the result is only read since, and a change that needs it made anew is a change of format.
Nothing of the project is imported, nor anybody's HPKE: the key schedule is written here from HMAC after RFC 9180, and
held against the RFC's own example before anything is built on it.
"""

import base64
import hashlib
import hmac
import json
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEM = b"KEM" + (0x0020).to_bytes(2, "big")  # DHKEM(X25519, HKDF-SHA256)
AES_128_GCM, AES_256_GCM = (0x0001, 16), (0x0002, 32)

# ---- HPKE, base mode


def extract(salt: bytes, suite: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(prk: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    block = hmac.digest(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01", "sha256")
    return block[:length]  # one block is enough for all that is asked for here


def public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def key_and_nonce(ephemeral: bytes, to: bytes, info: bytes, aead: tuple[int, int]) -> tuple[bytes, bytes]:
    secret = X25519PrivateKey.from_private_bytes(ephemeral).exchange(X25519PublicKey.from_public_bytes(to))
    prk = extract(b"", KEM, b"eae_prk", secret)
    shared = expand(prk, KEM, b"shared_secret", public(ephemeral) + to, 32)
    suite = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x0020, 0x0001, aead[0]))
    context = b"\x00" + extract(b"", suite, b"psk_id_hash", b"") + extract(b"", suite, b"info_hash", info)
    secret = extract(shared, suite, b"secret", b"")
    return expand(secret, suite, b"key", context, aead[1]), expand(secret, suite, b"base_nonce", context, 12)


def seal_to(to: bytes, ephemeral: bytes, plaintext: bytes, info: bytes) -> bytes:
    key, nonce = key_and_nonce(ephemeral, to, info, AES_256_GCM)
    return public(ephemeral) + AESGCM(key).encrypt(nonce, plaintext, b"")


# ---- The sealed payload (formats.md), for answers and events


def seal_under(key: bytes, salt: bytes, plaintext: bytes, aad: bytes) -> bytes:
    okm = hmac.digest(key, b"tallystick/v1/event" + salt + b"\x01", "sha512")
    return b"\x01" + salt + okm[32:] + AESGCM(okm[:32]).encrypt(bytes(12), plaintext, aad)


# ---- Messages


def binding(purpose: str, *parts: str) -> bytes:
    return f"tallystick/v1/{purpose}".encode() + json.dumps(list(parts), separators=(",", ":")).encode()


def body(key: str, sealed: bytes) -> str:
    return json.dumps({"key": key, "sealed": base64.b64encode(sealed).decode()})


def vectors() -> dict[str, object]:
    sent, received = (
        bytes.fromhex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"),
        bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
    )
    key, nonce = key_and_nonce(sent, public(received), b"Ode on a Grecian Urn", AES_128_GCM)
    if (key.hex(), nonce.hex()) != ("4531685d41d65f03dc48f6b8302c05b0", "56d890e5accaaf011cff4b7d"):
        raise SystemExit("HPKE is wrong (RFC 9180 A.1.1)")
    private, reply_key, event_key = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
    to = public(private)
    key_id = hashlib.sha256(to).hexdigest()[:16]
    event_key_id = hmac.digest(event_key, b"tallystick/v1/event-key-id", "sha256").hex()[:16]
    passage = {
        "routing_key": "invoices.issue_invoice",
        "reply_to": "01234567-89ab-4cde-8f01-23456789abcd",
        "call_id": "89abcdef-0123-4567-89ab-cdef01234567",
    }
    kwargs = {"request": {"invoice_id": "1", "text": "Füller"}, "token": "a token"}
    call = {"args": [], "kwargs": kwargs, "reply_key": base64.b64encode(reply_key).decode()}
    answer = {"result": {"number": "2026-1"}, "error": None}
    event = {"id": "0198c0de-0000-7000-8000-000000000001", "type": "InvoiceIssued"}
    call_info = binding("call", "nameko-rpc", *passage.values())
    answer_aad = binding("answer", "nameko-rpc", passage["reply_to"], passage["call_id"])
    event_aad = binding("bus-event", "invoices.events", event["type"], event["id"])

    def written(content: object) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    return {
        "passage": passage,
        "call": {
            "private": private.hex(),
            "public": to.hex(),
            "arguments": kwargs,
            "reply_key": reply_key.hex(),
            "info": call_info.decode(),
            "body": body(key_id, seal_to(to, bytes(range(96, 128)), written(call), call_info)),
        },
        "answer": {
            "answer": answer,
            "aad": answer_aad.decode(),
            "body": body("reply", seal_under(reply_key, bytes(range(128, 160)), written(answer), answer_aad)),
        },
        "event": {
            "key": event_key.hex(),
            "source": "invoices",
            "type": event["type"],
            "id": event["id"],
            "event": event,
            "aad": event_aad.decode(),
            "body": body(event_key_id, seal_under(event_key, bytes(range(160, 192)), written(event), event_aad)),
        },
        "published": {"keys": [{"kty": "OKP", "crv": "X25519", "use": "enc", "kid": "invoices", "x": jose(to)}]},
    }


def jose(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


if __name__ == "__main__":
    json.dump(vectors(), sys.stdout, indent=1)
    sys.stdout.write("\n")
