"""Make the golden vectors of witnesses' cosignatures.

    python -m tests.vectors.make_cosignature_vectors > tests/vectors/cosignature.json

Run once; the result is only read since, and a change that needs it made anew is a change of format.
Nothing of the project is imported: the lines are put together here from the words of c2sp.org/tlog-cosignature.
"""

import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.vectors.make_note_vectors import (
    ROOTS,
    b64,
    cosignature_line,
    flipped,
    key_id,
    public_key,
    signature_line,
    verifier,
)

LOG_SEED, WITNESS_SEED, OTHER_SEED = bytes(range(32)), bytes(32), bytes([7]) * 32
ORIGIN, WITNESS = "log.example/tallystick/0198c0de-0000-7000-8000-0000000000cc", "witness.example"
TIME = 1795338000
TEXT = f"{ORIGIN}\n8\n{b64(bytes.fromhex(ROOTS[8]))}\n"


def witness_key(seed: bytes, name: str) -> str:
    return f"{name}+{key_id(seed, name, 4).hex()}+{b64(bytes([4]) + public_key(seed))}"


def line(name: str, blob: bytes) -> str:
    return f"\u2014 {name} {b64(blob)}\n"


def blob(text: str, time: int, *, stated: int | None = None, signed: str | None = None) -> bytes:
    """Return key id, time and signature; `stated` and `signed` put another time or message in their places."""
    message = signed if signed is not None else f"cosignature/v1\ntime {time}\n{text}"
    signature = Ed25519PrivateKey.from_private_bytes(WITNESS_SEED).sign(message.encode())
    return key_id(WITNESS_SEED, WITNESS, 4) + (time if stated is None else stated).to_bytes(8, "big") + signature


def cosignature_vectors() -> dict[str, object]:
    log = signature_line(TEXT, LOG_SEED, ORIGIN)
    good = blob(TEXT, TIME)
    if line(WITNESS, good) != cosignature_line(TEXT, WITNESS_SEED, WITNESS, TIME):
        raise SystemExit("two ways to write a cosignature disagree")
    plain = Ed25519PrivateKey.from_private_bytes(WITNESS_SEED).sign(TEXT.encode())
    return {
        "log": verifier(LOG_SEED, ORIGIN),
        "witness": witness_key(WITNESS_SEED, WITNESS),
        "other_witness": witness_key(OTHER_SEED, "other.example"),
        "witness_seed": WITNESS_SEED.hex(),
        "text": TEXT,
        "time": TIME,
        "line": line(WITNESS, good),
        "note": f"{TEXT}\n{log}{line(WITNESS, good)}",
        "accepted": [
            {"name": "the witness first", "note": f"{TEXT}\n{line(WITNESS, good)}{log}"},
            {
                "name": "another witness too",
                "note": f"{TEXT}\n{log}{line(WITNESS, good)}" + cosignature_line(TEXT, OTHER_SEED, "other.example", 1),
            },
            {
                "name": "twice, at two times",
                "note": f"{TEXT}\n{log}{line(WITNESS, good)}" + line(WITNESS, blob(TEXT, TIME + 1)),
            },
            {"name": "the latest time", "note": f"{TEXT}\n{log}{line(WITNESS, blob(TEXT, 2**63 - 1))}"},
        ],
        "refused": [
            {"name": "a changed signature", "note": f"{TEXT}\n{log}{line(WITNESS, flipped(good, 40))}"},
            {"name": "a changed time", "note": f"{TEXT}\n{log}{line(WITNESS, blob(TEXT, TIME, stated=TIME + 1))}"},
            {"name": "a time beyond 63 bits", "note": f"{TEXT}\n{log}{line(WITNESS, blob(TEXT, 2**63))}"},
            {
                "name": "of another checkpoint",
                "note": f"{TEXT}\n{log}" + line(WITNESS, blob(TEXT.replace("\n8\n", "\n9\n"), TIME)),
            },
            {
                "name": "a plain signature behind a time",
                "note": f"{TEXT}\n{log}" + line(WITNESS, blob(TEXT, TIME, signed=TEXT)),
            },
            {
                "name": "a plain signature under the cosignature's key id",
                "note": f"{TEXT}\n{log}" + line(WITNESS, key_id(WITNESS_SEED, WITNESS, 4) + plain),
            },
            {
                "name": "the time with a leading zero",
                "note": f"{TEXT}\n{log}"
                + line(WITNESS, blob(TEXT, TIME, signed=f"cosignature/v1\ntime 0{TIME}\n{TEXT}")),
            },
            {
                "name": "without the time line",
                "note": f"{TEXT}\n{log}" + line(WITNESS, blob(TEXT, TIME, signed=f"cosignature/v1\n{TEXT}")),
            },
            {"name": "cut short", "note": f"{TEXT}\n{log}{line(WITNESS, good[:-1])}"},
            {"name": "one byte longer", "note": f"{TEXT}\n{log}{line(WITNESS, good + bytes(1))}"},
            {"name": "a time alone", "note": f"{TEXT}\n{log}{line(WITNESS, good[:12])}"},
            {"name": "half a time", "note": f"{TEXT}\n{log}{line(WITNESS, good[:8])}"},
        ],
        "unsigned": [
            {"name": "the log alone", "note": f"{TEXT}\n{log}"},
            {
                "name": "the log's kind of signature by the witness's key",
                "note": f"{TEXT}\n{log}{signature_line(TEXT, WITNESS_SEED, WITNESS)}",
            },
            {
                "name": "the same key under another name",
                "note": f"{TEXT}\n{log}{cosignature_line(TEXT, WITNESS_SEED, 'elsewhere.example', TIME)}",
            },
        ],
        "refused_keys": [
            verifier(WITNESS_SEED, WITNESS),
            witness_key(WITNESS_SEED, WITNESS).replace("witness", "witless"),
            witness_key(WITNESS_SEED, WITNESS)[:-4],
            f"{WITNESS}+{key_id(WITNESS_SEED, WITNESS).hex()}+{b64(bytes([4]) + public_key(WITNESS_SEED))}",
            WITNESS,
            "",
        ],
    }


if __name__ == "__main__":
    json.dump(cosignature_vectors(), sys.stdout, indent=1)
    sys.stdout.write("\n")
