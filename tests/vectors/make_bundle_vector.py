"""Make the golden bundle, `bundle/`, and what opens it, `bundle.json`.

    python -m tests.vectors.make_bundle_vector

Run once; the result is only read since. Two documents of one customer, one of another who was forgotten; its keys are
used nowhere else. Made by the program itself, and read in the tests without it, too.
"""

import json
from pathlib import Path

from tests.audited import WITNESS, Business

HERE = Path(__file__).parent


def main() -> None:
    business = Business()
    business.trade(2)
    gone, _ = business.trade(1)
    business.shred(gone)
    copy = business.bundle(HERE / "bundle")
    trusted = {"log_key": str(business.verifier), "witness_key": str(WITNESS), "identity": copy.identity}
    (HERE / "bundle.json").write_text(json.dumps(trusted, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
