"""`python -m tests.reference`: write docs/rpc.md, docs/asyncapi.yaml and the record of the contract from the code.

Exit status 1 when the contract was released and something that it promises no longer holds: nothing is written.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.profile import CHECKOUT
from shared.contracts.events import PublishedEventSchema
from shared.contracts.version import CONTRACT_VERSION, RELEASED
from tests.reference import events, page, recorded
from tests.reference.offered import offered
from tests.reference.shapes import Shapes

RECORDS = Path("tests/vectors/contracts")
RECORD = RECORDS / f"v{CONTRACT_VERSION}.json"
PAGE, EVENTS = Path("docs/rpc.md"), Path("docs/asyncapi.yaml")


def present() -> recorded.Record:
    """Return what the code promises."""
    methods = offered()
    schemas = [schema for each in methods for schema in (each.endpoint.request, each.endpoint.reply)]
    return recorded.record_of(methods, Shapes([*schemas, PublishedEventSchema()]).all)


def made() -> Mapping[Path, str]:
    """Return every file that is made from the code, as it should be, by its place in the checkout."""
    methods = offered()
    shapes = Shapes([schema for each in methods for schema in (each.endpoint.request, each.endpoint.reply)]).all
    return {PAGE: page.page(methods, shapes), EVENTS: events.as_yaml(), RECORD: recorded.written(present())}


def write(root: Path, files: Mapping[Path, str], broken: list[str], *, released: bool) -> int:
    """Write the files and return 0; return 1, and write nothing, when a released promise is broken."""
    for each in broken:
        sys.stderr.write(f"no longer as version {CONTRACT_VERSION} was: {each}\n")
    if broken and released:
        sys.stderr.write(f"Version {CONTRACT_VERSION} was released: raise CONTRACT_VERSION (docs/rpc.md).\n")
        return 1
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return 0


def main() -> int:
    """Write what is made from the code."""
    before = CHECKOUT / RECORD
    broken = recorded.breaks(recorded.read(before), present()) if before.exists() else []
    return write(CHECKOUT, made(), broken, released=RELEASED)


if __name__ == "__main__":
    raise SystemExit(main())
