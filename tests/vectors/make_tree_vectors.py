"""Make the golden vectors of the Merkle tree.

    python tests/vectors/make_tree_vectors.py > tests/vectors/tree.json

Run once; the result is only read since, and a change that needs it made anew is a change of format.
Nothing of the project is imported: the recursive definitions of RFC 6962 section 2.1 are
written here word for word, and the roots are compared with the published ones before anything is written.
"""

import hashlib
import json
import sys


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(entries: list[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], *, whole: bool) -> list[bytes]:
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], whole=whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], whole=False), mth(entries[:k])]


# The leaves and roots that Certificate Transparency implementations have checked themselves against since RFC 6962.
PUBLISHED_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
PUBLISHED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def tree_vectors() -> dict[str, object]:
    leaves = [bytes.fromhex(leaf) for leaf in PUBLISHED_LEAVES]
    roots = [mth(leaves[:size]).hex() for size in range(9)]
    if roots != PUBLISHED_ROOTS:
        raise SystemExit("the tree is not RFC 6962's")
    return {
        "entries": PUBLISHED_LEAVES,
        "roots": roots,
        "inclusion": [
            {"index": index, "size": size, "proof": [node.hex() for node in path(index, leaves[:size])]}
            for size in range(1, 9)
            for index in range(size)
        ],
        "consistency": [
            {
                "first": first,
                "second": second,
                "proof": [node.hex() for node in subproof(first, leaves[:second], whole=True)],
            }
            for second in range(1, 9)
            for first in range(1, second + 1)
        ],
    }


if __name__ == "__main__":
    json.dump(tree_vectors(), sys.stdout, indent=1)
    sys.stdout.write("\n")
