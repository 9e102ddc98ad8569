"""Make the golden vectors of signed notes and checkpoints.

    python tests/vectors/make_note_vectors.py > tests/vectors/note.json

Run once; the result is only read since, and a change that needs it made anew is a change of format.
Nothing of the project is imported: the lines are put together here from the specifications'
words, and the example that Go publishes is reproduced byte for byte before anything is written.
"""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# The example in the documentation of golang.org/x/mod/sumdb/note (BSD-3-Clause), the format's first implementation.
GO_SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


# The published roots of no leaves and of eight: see make_tree_vectors.py.
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def flipped(data: bytes, index: int) -> bytes:
    return data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def public_key(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def key_id(seed: bytes, name: str, algorithm: int = 1) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key(seed)).digest()[:4]


def verifier(seed: bytes, name: str) -> str:
    return f"{name}+{key_id(seed, name).hex()}+{b64(bytes([1]) + public_key(seed))}"


def signature_line(text: str, seed: bytes, name: str) -> str:
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    return f"\u2014 {name} {b64(key_id(seed, name) + signature)}\n"


def cosignature_line(text: str, seed: bytes, name: str, time: int) -> str:
    """Return a witness's line (c2sp.org/tlog-cosignature), which readers of the log's own signature pass over."""
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    return f"\u2014 {name} {b64(key_id(seed, name, 4) + time.to_bytes(8, 'big') + signature)}\n"


def note_vectors() -> dict[str, object]:
    go_seed = base64.b64decode(GO_SIGNER.split("+", 4)[4])[1:]
    if verifier(go_seed, "PeterNeumann") != GO_VERIFIER:
        raise SystemExit("the verifier key is not the published one")
    if signature_line(GO_TEXT, go_seed, "PeterNeumann") != GO_SIGNATURE:
        raise SystemExit("the note is not the published one")
    seed, origin = bytes(range(32)), "log.example/tallystick/0198c0de-0000-7000-8000-0000000000cc"
    root = bytes.fromhex(ROOTS[8])
    text = f"{origin}\n8\n{b64(root)}\n"
    line = signature_line(text, seed, origin)
    witness = cosignature_line(text, bytes(32), "witness.example", 1795338000)
    empty = f"{origin}\n0\n{b64(bytes.fromhex(ROOTS[0]))}\n"
    blob = base64.b64decode(line.split(" ")[2])
    checkpoints = [("eight leaves", 8, text, line), ("no leaves", 0, empty, signature_line(empty, seed, origin))]
    return {
        "notes": [
            {"name": "Go's example", "verifier": GO_VERIFIER, "seed": go_seed.hex(), "text": GO_TEXT}
            | {"note": f"{GO_TEXT}\n{GO_SIGNATURE}"},
            {"name": "a checkpoint", "verifier": verifier(seed, origin), "seed": seed.hex(), "text": text}
            | {"note": f"{text}\n{line}"},
            {
                "name": "a text with a blank line",
                "verifier": verifier(seed, "k"),
                "seed": seed.hex(),
                "text": "a\n\nb\n",
            }
            | {"note": "a\n\nb\n\n" + signature_line("a\n\nb\n", seed, "k")},
        ],
        "checkpoints": [
            {"name": name, "origin": origin, "size": size, "root": ROOTS[size], "text": body}
            | {"note": f"{body}\n{signature}"}
            for name, size, body, signature in checkpoints
        ],
        "extended_checkpoints": [
            {"name": "one extension line", "text": f"{text}more\n", "extensions": ["more"]},
            {"name": "two of them", "text": f"{text}more words\n\u00e9\n", "extensions": ["more words", "\u00e9"]},
        ],
        "verifier": verifier(seed, origin),
        "accepted": [
            {"name": "a witness's line after ours", "note": f"{text}\n{line}{witness}"},
            {"name": "a witness's line before ours", "note": f"{text}\n{witness}{line}"},
            {"name": "our line twice", "note": f"{text}\n{line}{line}"},
        ],
        "refused": [
            {"name": "another origin", "note": f"{text.replace('log', 'lag', 1)}\n{line}"},
            {"name": "another size", "note": f"{origin}\n9\n{b64(root)}\n\n{line}"},
            {"name": "a changed signature", "note": f"{text}\n\u2014 {origin} {b64(flipped(blob, 30))}\n"},
            {"name": "a changed key id", "note": f"{text}\n\u2014 {origin} {b64(flipped(blob, 0))}\n"},
            {"name": "another key", "note": f"{text}\n{signature_line(text, bytes(32), origin)}"},
            {"name": "another key name", "note": f"{text}\n{signature_line(text, seed, 'elsewhere.example')}"},
            {"name": "a witness alone", "note": f"{text}\n{witness}"},
            {"name": "a good line and a bad one", "note": f"{text}\n{line}\u2014 {origin} {b64(flipped(blob, 30))}\n"},
            {
                "name": "a signature over the blank line too",
                "note": f"{text}\n{signature_line(text + chr(10), seed, origin)}",
            },
            {"name": "no signature", "note": f"{text}\n"},
            {"name": "no blank line", "note": f"{text}{line}"},
            {"name": "no last newline", "note": f"{text}\n{line[:-1]}"},
            {"name": "text after the signatures", "note": f"{text}\n{line}more\n"},
            {"name": "a hyphen for the dash", "note": f"{text}\n{line.replace(chr(0x2014), '-')}"},
            {"name": "carriage returns", "note": f"{text}\n{line}".replace("\n", "\r\n")},
            {"name": "base64 with its unused bits set", "note": f"{text}\n{spare_bit_set(line)}"},
            {"name": "base64 without its padding", "note": f"{text}\n{line.replace('=', '')}"},
            {"name": "a signature cut short", "note": f"{text}\n\u2014 {origin} {b64(blob[:-1])}\n"},
            {"name": "a key id alone", "note": f"{text}\n\u2014 {origin} {b64(blob[:4])}\n"},
            {"name": "an empty note", "note": ""},
        ],
        "refused_checkpoints": [
            {"name": "a size with a leading zero", "text": f"{origin}\n08\n{b64(root)}\n"},
            {"name": "a size with a sign", "text": f"{origin}\n+8\n{b64(root)}\n"},
            {"name": "a size in other digits", "text": f"{origin}\n\u0668\n{b64(root)}\n"},
            {"name": "a size beyond 63 bits", "text": f"{origin}\n9223372036854775808\n{b64(root)}\n"},
            {"name": "a negative size", "text": f"{origin}\n-1\n{b64(root)}\n"},
            {"name": "a root of 31 bytes", "text": f"{origin}\n8\n{b64(root[:31])}\n"},
            {"name": "a root with its unused bits set", "text": spare_bit_set(text)},
            {"name": "no leaves and a root of eight", "text": f"{origin}\n0\n{b64(root)}\n"},
            {"name": "no origin", "text": f"\n8\n{b64(root)}\n"},
            {"name": "an origin with a space", "text": f"log example\n8\n{b64(root)}\n"},
            {"name": "no last newline", "text": text[:-1]},
            {"name": "an empty extension line", "text": f"{text}\n"},
            {"name": "an empty line before an extension", "text": f"{text}\nmore\n"},
            {"name": "an extension without its newline", "text": f"{text}more"},
            {"name": "no root", "text": f"{origin}\n8\n"},
            {"name": "nothing", "text": ""},
        ],
    }


def spare_bit_set(text: str) -> str:
    """Set the lowest bit of the last character before the padding: it carries nothing, and must be zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    before, padding, after = text.rpartition("=")
    return before[:-1] + alphabet[alphabet.index(before[-1]) ^ 1] + padding + after


if __name__ == "__main__":
    json.dump(note_vectors(), sys.stdout, indent=1)
    sys.stdout.write("\n")
