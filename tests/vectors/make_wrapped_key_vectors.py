"""Make the golden vectors of wrapped keys.

    python -m tests.vectors.make_wrapped_key_vectors > tests/vectors/wrapped_key.json

Run once; the result is only read since, and a change that needs it made anew is a change of format.
Nothing of the project is imported but the AES-GCM that the sealed payload's vectors were made with, which is written
from the bare block cipher.
"""

import hashlib
import hmac
import json
import sys

from tests.vectors.make_envelope_vectors import flipped, gcm_encrypt

TENANT = "0198c0de-0000-7000-8000-0000000000cc"
AT = "2026-11-22T09:00:00.000000Z"
KEK, TENANT_KEY, DEK = bytes(range(32)), bytes(range(0x20, 0x40)), bytes(range(0x40, 0x60))
NONCE = bytes(range(0x80, 0x8C))


def kek_reference(kek: bytes) -> str:
    return "file/" + hmac.new(kek, b"tallystick/v1/kek-id", hashlib.sha256).hexdigest()[:16]


def wrapped(wrapping: bytes, key: bytes, fields: dict[str, str | int]) -> dict[str, object]:
    parts = [
        f'"{name}":{value}' if isinstance(value, int) else f'"{name}":"{value}"'
        for name, value in sorted(fields.items())
    ]
    aad = ("{" + ",".join(parts) + "}").encode("ascii")
    return {
        "fields": fields,
        "aad": aad.decode("ascii"),
        "wrapping_key": wrapping.hex(),
        "nonce": NONCE.hex(),
        "key": key.hex(),
        "wrapped": (NONCE + gcm_encrypt(wrapping, NONCE, key, aad)).hex(),
    }


def wrapped_key_vectors() -> dict[str, object]:
    tenant_key: dict[str, str | int] = {
        "algorithm": "AES-256-GCM",
        "created_at": AT,
        "key_id": "0198c0de-0000-7000-8000-0000000000aa",
        "subject": "tenant-key",
        "tenant": TENANT,
        "version": 1,
        "wrapped_by": kek_reference(KEK),
    }
    dek = tenant_key | {
        "key_id": "0198c0de-0000-7000-8000-0000000000bb",
        "subject": "customer-0198c0de-0000-7000-8000-0000000000ee",
        "version": 3,
        "wrapped_by": f"{tenant_key['key_id']}/1",
    }
    good = wrapped(TENANT_KEY, DEK, dek)
    bytes_of = bytes.fromhex(str(good["wrapped"]))
    refused = [
        ("another subject", {**good, "fields": dek | {"subject": "customer-other"}}),
        ("another version", {**good, "fields": dek | {"version": 4}}),
        ("another tenant", {**good, "fields": dek | {"tenant": TENANT.replace("cc", "dd")}}),
        ("another key id", {**good, "fields": dek | {"key_id": tenant_key["key_id"]}}),
        ("another moment", {**good, "fields": dek | {"created_at": AT.replace("9", "8")}}),
        ("a changed nonce", {**good, "wrapped": flipped(bytes_of, 0).hex()}),
        ("a changed key", {**good, "wrapped": flipped(bytes_of, 12).hex()}),
        ("a changed tag", {**good, "wrapped": flipped(bytes_of, len(bytes_of) - 1).hex()}),
        ("a byte too few", {**good, "wrapped": bytes_of[:-1].hex()}),
        ("no bytes", {**good, "wrapped": ""}),
        ("another wrapping key of the same name", {**good, "wrapping_key": KEK.hex()}),
    ]
    return {
        "keks": [{"key": kek.hex(), "reference": kek_reference(kek)} for kek in (KEK, TENANT_KEY, bytes(32))],
        "unwraps": [
            {"name": "a tenant key, wrapped by the KEK of a file", **wrapped(KEK, TENANT_KEY, tenant_key)},
            {"name": "a DEK, wrapped by that tenant key", **good},
        ],
        "refused": [{"name": name, **case} for name, case in refused],
    }


if __name__ == "__main__":
    json.dump(wrapped_key_vectors(), sys.stdout, indent=1)
    sys.stdout.write("\n")
