"""Collect the RFC 6962 proofs of transparency-dev/merkle into rfc6962_proofs.json.

    python tests/vectors/collect_rfc6962_proofs.py CHECKOUT > tests/vectors/rfc6962_proofs.json

Run once, on commit 417fb0c314750d94e53942e9f92e79b6d35915db; the result is only read since. The proofs are kept as
published (Apache-2.0, see README.md); values that repeat are not folded, so each case can be compared with its source.
"""

import json
import sys
from pathlib import Path

NAMES = {
    "leafIdx": "index",
    "treeSize": "size",
    "root": "root",
    "leafHash": "leaf_hash",
    "size1": "first",
    "size2": "second",
    "root1": "first_root",
    "root2": "second_root",
    "proof": "proof",
    "desc": "description",
    "wantErr": "refused",
}


def collect(folder: Path) -> list[dict[str, object]]:
    """Return the cases under `folder` in the order of their paths, each with its path as `source`."""
    cases = []
    for path in sorted(folder.rglob("*.json")):
        published = json.loads(path.read_text(encoding="utf-8"))
        case = {NAMES[name]: value for name, value in published.items()}
        case["proof"] = case["proof"] or []
        cases.append({"source": path.relative_to(folder.parent).as_posix(), **case})
    return cases


if __name__ == "__main__":
    testdata = Path(sys.argv[1]) / "testdata"
    vectors = {kind: collect(testdata / kind) for kind in ("inclusion", "consistency")}
    json.dump(vectors, sys.stdout, indent=1)
    sys.stdout.write("\n")
