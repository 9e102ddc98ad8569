"""Make the golden vectors of offline proofs.

    python -m tests.vectors.make_tlog_proof_vectors > tests/vectors/tlog_proof.json

Run once; the result is only read since, and a change that needs it made anew is a change of format.
Nothing of the project is imported: the text is put together here from the words of c2sp.org/tlog-proof.
"""

import json
import sys

from tests.vectors.make_cosignature_vectors import LOG_SEED, ORIGIN, TIME, WITNESS, WITNESS_SEED, witness_key
from tests.vectors.make_note_vectors import b64, cosignature_line, signature_line, verifier
from tests.vectors.make_tree_vectors import PUBLISHED_LEAVES, mth, path

LEAVES = [bytes.fromhex(leaf) for leaf in PUBLISHED_LEAVES]


def checkpoint(size: int, *, origin: str = ORIGIN, root: bytes | None = None, seed: bytes = LOG_SEED) -> str:
    text = f"{origin}\n{size}\n{b64(root if root is not None else mth(LEAVES[:size]))}\n"
    witness = cosignature_line(text, WITNESS_SEED, WITNESS, TIME)
    return f"{text}\n{signature_line(text, seed, origin)}{witness}"


def proof(index: int, size: int, /, **changes: str) -> str:
    """Return the proof of a leaf; `changes` put other lines in the places of `first`, `extra`, `index`, `hashes`."""
    parts = {
        "first": "c2sp.org/tlog-proof@v1\n",
        "extra": f"extra {b64(LEAVES[index])}\n",
        "index": f"index {index}\n",
        "hashes": "".join(f"{b64(node)}\n" for node in path(index, LEAVES[:size])),
        "blank": "\n",
        "checkpoint": checkpoint(size),
    }
    return "".join((parts | changes).values())


def tlog_proof_vectors() -> dict[str, object]:
    five = proof(5, 8)
    hashes = [b64(node) for node in path(5, LEAVES)]
    return {
        "log": verifier(LOG_SEED, ORIGIN),
        "origin": ORIGIN,
        "witness": witness_key(WITNESS_SEED, WITNESS),
        "time": TIME,
        "proofs": [
            {"name": f"leaf {index} of {size}", "entry": LEAVES[index].hex(), "index": index, "size": size}
            | {"text": proof(index, size)}
            for index, size in [(1, 2), (2, 3), (5, 8), (7, 8)]
        ],
        "malformed": [
            {"name": name, "text": text}
            for name, text in {
                "nothing": "",
                "another version": proof(5, 8, first="c2sp.org/tlog-proof@v2\n"),
                "no first line": proof(5, 8, first=""),
                "carriage returns": five.replace("\n", "\r\n"),
                "no extra line": proof(5, 8, extra=""),
                "an empty extra line": proof(5, 8, extra="extra \n"),
                "extra data with its unused bits set": proof(1, 2, extra=f"extra {'AB=='}\n"),
                "extra data without its padding": proof(1, 2, extra="extra AA\n"),
                "extra and index exchanged": proof(5, 8, extra="index 5\n", index=f"extra {b64(LEAVES[5])}\n"),
                "no index": proof(5, 8, index=""),
                "an index with a leading zero": proof(5, 8, index="index 05\n"),
                "an index with a sign": proof(5, 8, index="index +5\n"),
                "an index in other digits": proof(5, 8, index="index \u0665\n"),
                "an index beyond 63 bits": proof(5, 8, index="index 18446744073709551615\n"),
                "two index lines": proof(5, 8, index="index 5\nindex 5\n"),
                "a hash of 31 bytes": proof(5, 8, hashes=f"{b64(bytes(31))}\n"),
                "a hash that is not base64": proof(5, 8, hashes="***\n"),
                "a space after a hash": proof(5, 8, hashes=f"{hashes[0]} \n"),
                "more hashes than a tree is high": proof(5, 8, hashes=f"{hashes[0]}\n" * 64),
                "no empty line": proof(5, 8, blank="").replace("\n\n", "\n"),
                "no checkpoint": proof(5, 8, checkpoint=""),
            }.items()
        ],
        "refused": [
            {"name": name, "text": text}
            for name, text in {
                "another entry": proof(5, 8, extra=f"extra {b64(LEAVES[4])}\n"),
                "another index": proof(5, 8, index="index 4\n"),
                "an index beyond the tree": proof(5, 8, index="index 8\n"),
                "a hash changed": proof(5, 8, hashes="".join(f"{each}\n" for each in [b64(bytes(32)), *hashes[1:]])),
                "a hash missing": proof(5, 8, hashes="".join(f"{each}\n" for each in hashes[1:])),
                "a hash too many": proof(5, 8, hashes="".join(f"{each}\n" for each in [*hashes, hashes[0]])),
                "two hashes exchanged": proof(5, 8, hashes="".join(f"{each}\n" for each in hashes[::-1])),
                "another root, signed by the log": proof(5, 8, checkpoint=checkpoint(8, root=bytes(32))),
                "another size, signed by the log": proof(5, 8, checkpoint=checkpoint(7)),
                "another log's checkpoint": proof(5, 8, checkpoint=checkpoint(8, origin="log.example/other")),
                "another key": proof(5, 8, checkpoint=checkpoint(8, seed=bytes([9]) * 32)),
                "the witness without the log": proof(
                    5, 8, checkpoint=checkpoint(8).replace(signature_line_of(checkpoint(8)), "")
                ),
                "two empty lines": proof(5, 8, blank="\n\n"),
                "a checkpoint cut short": five[:-1],
                "words after the checkpoint": five + "more\n",
            }.items()
        ],
    }


def signature_line_of(note: str) -> str:
    """Return the log's line of a note."""
    return note.rpartition("\n\n")[2].split("\n")[0] + "\n"


if __name__ == "__main__":
    json.dump(tlog_proof_vectors(), sys.stdout, indent=1)
    sys.stdout.write("\n")
