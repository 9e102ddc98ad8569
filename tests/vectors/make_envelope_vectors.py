"""Make the golden vectors of the sealed payload.

    python tests/vectors/make_envelope_vectors.py > tests/vectors/envelope.json

Run once; the result is only read since, and a change that needs it made anew is a change of format.
Nothing of the project is imported: HKDF is written here from HMAC and AES-GCM from the bare
block cipher, so that a mistake has to be made twice to stay unseen.
"""

import hmac
import json
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# ---- AES-256-GCM (NIST SP 800-38D) from the block cipher


def block_encrypt(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305  one block: the bare permutation
    return encryptor.update(block)


def multiply(x: int, y: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if y >> bit & 1:
            product ^= x
        x = x >> 1 ^ (0xE1 << 120 if x & 1 else 0)
    return product


def ghash(subkey: bytes, data: bytes) -> bytes:
    state, h = 0, int.from_bytes(subkey, "big")
    for start in range(0, len(data), 16):
        state = multiply(state ^ int.from_bytes(data[start : start + 16], "big"), h)
    return state.to_bytes(16, "big")


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


def gcm_encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    blocks = -(-len(plaintext) // 16)
    stream = b"".join(block_encrypt(key, nonce + (2 + i).to_bytes(4, "big")) for i in range(blocks))
    ciphertext = bytes(a ^ b for a, b in zip(plaintext, stream, strict=False))
    lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    digest = ghash(block_encrypt(key, bytes(16)), padded(aad) + padded(ciphertext) + lengths)
    mask = block_encrypt(key, nonce + b"\x00\x00\x00\x01")
    return ciphertext + bytes(a ^ b for a, b in zip(digest, mask, strict=True))


# ---- Sealed payload


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 section 2.3 with SHA-512."""
    okm, block, counter = b"", b"", 1
    while len(okm) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), "sha512")
        okm, counter = okm + block, counter + 1
    return okm[:length]


def seal(dek: bytes, salt: bytes, plaintext: bytes, aad: bytes) -> bytes:
    okm = expand(dek, b"tallystick/v1/event" + salt, 64)
    return b"\x01" + salt + okm[32:] + gcm_encrypt(okm[:32], bytes(12), plaintext, aad)


def synthetic_salt(dek: bytes, plaintext: bytes, aad: bytes) -> bytes:
    key = expand(dek, b"tallystick/v1/synthetic-salt", 32)
    return hmac.digest(key, len(aad).to_bytes(8, "big") + aad + plaintext, "sha256")


ENTRY = (
    b'{"at":"2026-11-22T09:00:00.000000Z","f":1,"id":"0198c0de-0000-7000-8000-000000000001",'
    b'"key":"0198c0de-0000-7000-8000-0000000000aa","schema":1,"stream":"invoice-0198c0de-0000-7000-8000-0000000000bb",'
    b'"tenant":"0198c0de-0000-7000-8000-0000000000cc","type":"InvoiceIssued","version":2}'
)


def flipped(data: bytes, index: int) -> bytes:
    return data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]


def envelope_vectors() -> dict[str, object]:
    # NIST GCM test case 14 and RFC 5869's construction hold before anything is built on them.
    expected = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    if gcm_encrypt(bytes(32), bytes(12), bytes(16), b"").hex() != expected:
        raise SystemExit("AES-GCM is wrong")
    dek, salt = bytes(range(32)), bytes(range(0x40, 0x60))
    payload = '{"line":"Füller, 3 Stück","payable":"119.00"}'.encode()
    cases = [
        ("an invoice event", dek, salt, payload, ENTRY),
        ("an empty payload", dek, salt, b"", ENTRY),
        ("an empty aad", dek, salt, payload, b""),
        ("a payload of several blocks", dek[::-1], bytes(32), bytes(range(256)), ENTRY),
    ]
    sealed = seal(dek, salt, payload, ENTRY)
    other_place = ENTRY.replace(b'"version":2', b'"version":3')
    refused = [
        ("another version of the stream", dek, sealed, other_place),
        ("no aad", dek, sealed, b""),
        ("another key", dek[::-1], sealed, ENTRY),
        ("another format byte", dek, b"\x02" + sealed[1:], ENTRY),
        ("a changed salt", dek, flipped(sealed, 1), ENTRY),
        ("a changed commitment", dek, flipped(sealed, 33), ENTRY),
        ("a changed ciphertext", dek, flipped(sealed, 65), ENTRY),
        ("a changed tag", dek, flipped(sealed, len(sealed) - 1), ENTRY),
        ("a tag cut short", dek, sealed[:-1], ENTRY),
        ("a byte too many", dek, sealed + b"\x00", ENTRY),
        ("a header alone", dek, sealed[:65], ENTRY),
        ("nothing", dek, b"", ENTRY),
        ("a commitment that belongs to another key", dek, sealed[:33] + bytes(32) + sealed[65:], ENTRY),
    ]
    return {
        "opens": [
            {
                "name": name,
                "dek": key.hex(),
                "salt": salt.hex(),
                "plaintext": text.hex(),
                "aad": aad.hex(),
                "sealed": seal(key, salt, text, aad).hex(),
                "sealed_deterministic": seal(key, synthetic_salt(key, text, aad), text, aad).hex(),
            }
            for name, key, salt, text, aad in cases
        ],
        "refused": [
            {"name": name, "dek": key.hex(), "aad": aad.hex(), "sealed": data.hex()} for name, key, data, aad in refused
        ],
        "derived": [
            {"key": dek.hex(), "purpose": purpose, "derived": expand(dek, purpose.encode(), 32).hex()}
            for purpose in ("tallystick/v1/blind-index", "tallystick/v1/synthetic-salt")
        ],
        "blind_index": [
            {
                "key": dek.hex(),
                "context": context,
                "value": value,
                "index": hmac.digest(
                    dek, len(context.encode()).to_bytes(8, "big") + context.encode() + value.encode(), "sha256"
                )[:16].hex(),
            }
            for context, value in (("users.email", "ada@example.org"), ("users.email", ""), ("", "users.email"))
        ],
    }


if __name__ == "__main__":
    json.dump(envelope_vectors(), sys.stdout, indent=1)
    sys.stdout.write("\n")
