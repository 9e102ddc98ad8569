"""`make bench-import`: a year of a real business goes in over the bus, and every customer's sum is counted again.

On a whole system, durable as in production. What must come out is worked out from the file by code that shares nothing
with the importer (deploy/demo/expected.py); what came out is what the services answer afterwards.
"""

import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from cli.importer.importer import Importer
from cli.importer.mapped import MappedDocuments
from cli.importer.mapping import load_mapping
from cli.importer.refused import refused_rows
from cli.importer.rows import rows_of
from deploy.demo import readback
from deploy.demo.expected import expect
from deploy.demo.scenario import SELLER
from deploy.local.profile import CHECKOUT, DEFAULT_RUN_DIRECTORY
from shared.contracts.errors import ErrorCode, PublicError
from tests.bench.server import machine
from tests.bench.system import System, whole_system

DATA = CHECKOUT.parent / "shared" / "data" / "online_retail.csv.xz"
MAPPING = CHECKOUT / "deploy" / "demo" / "mappings" / "online_retail.yaml"
_PAGE = 200
_ROUNDS_OF_ASKING = 300


@click.command()
@click.option("--data", type=click.Path(path_type=Path, dir_okay=False), default=DATA, help="The data set.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many documents.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_RUN_DIRECTORY / "bench" / "import.json",
    help="Where the figures go, instead of .run/bench/import.json.",
)
def main(data: Path, limit: int | None, output: Path) -> None:
    """Import a data set into a system of its own and compare all sums; exit status 1 when they are not equal."""
    if not data.exists():
        click.echo(f"Skipped: {data} is not there; name the UCI Online Retail data set with DATA=file.csv.xz")
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    output.parent.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    with whole_system() as system:
        figures = _measure(system, data, limit, output.with_name("import-refused.csv"))
    head = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "limit": limit, "machine": machine(output.parent)}
    written = {**figures, "load_before": round(load, 1), "load_after": round(os.getloadavg()[0], 1), **head}
    output.write_text(json.dumps(written, indent=2) + "\n", "utf-8")
    click.echo(json.dumps(written, indent=2))
    sys.exit(0 if figures["sums_equal"] else 1)


def _measure(system: System, data: Path, limit: int | None, refused_file: Path) -> dict[str, Any]:
    owner = system.owner
    owner.log_in()
    owner.command("invoices", "configure_seller", SELLER)
    before, started = _peak_mib(), time.perf_counter()
    mapping = load_mapping(MAPPING)
    documents = MappedDocuments(rows_of(data, mapping.columns_used), mapping, limit, partial=True)

    def invoices(method: str, request: Mapping[str, object], idempotency_key: str) -> Mapping[str, Any]:
        return owner.call("invoices", method, dict(request), idempotency_key)

    with refused_rows(refused_file) as refused, click.progressbar(length=len(documents), label="Importing") as bar:
        importer = Importer(invoices, refused, customers_as_first=True)
        importer.run(documents, bar.update)
    seconds, peak = time.perf_counter() - started, _peak_mib()
    at_once = _counted(system)
    followed = _followed(system, at_once.total() - 1)
    expected = expect(data, MAPPING, limit)
    said = _net_by_name(system)
    wanted = {
        mapping.customer.name.substitute({"CustomerID": customer}): net
        for customer, net in expected.net_by_customer.items()
    }
    issued = {"invoices": at_once["InvoiceIssued"], "credit_notes": at_once["CreditNoteIssued"]}
    return {
        "documents": importer.taken,
        **issued,
        "documents_in_part": importer.partly,
        "rows": expected.rows,
        "rows_refused": len(refused),
        "seconds": round(seconds, 1),
        "events": at_once.total(),
        "sum_net": str(sum(said.values(), Decimal("0.00"))),
        "sums_equal": said == wanted
        and issued == {"invoices": len(expected.invoices), "credit_notes": len(expected.credit_notes)}
        and expected.rows == expected.rows_taken + len(refused),
        "customers": len(said),
        "peak_rss_mb": round(peak, 1),
        "rss_before_mb": round(before, 1),
        "service_peak_rss_mb": round(system.peak_rss_mib("invoices"), 1),
        "read_models_followed_after_s": round(followed, 1),
        "archived_meanwhile": at_once["DocumentArchived"],
    }


def _peak_mib() -> float:
    """Return the most memory that this process, the importer's, had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _counted(system: System) -> Counter[str]:
    return readback.count_events(system.dsn("invoices"), system.owner.tenant)


def _followed(system: System, position: int) -> float:
    """Ask until the read models hold a position; return the seconds. Raises PublicError read_model_behind."""
    started = time.perf_counter()
    for left in reversed(range(_ROUNDS_OF_ASKING)):
        try:
            system.owner.call("invoices", "list_invoices", {"limit": 1, "after": position})
        except PublicError as refused:
            if refused.code is not ErrorCode.READ_MODEL_BEHIND or not left:
                raise
        else:
            break
    return time.perf_counter() - started


def _net_by_name(system: System) -> dict[str, Decimal]:
    """Return what the service says was issued to each customer, net, over all currencies."""
    names = {str(each["customer_id"]): str(each["customer_name"]) for each in _listed(system)}
    sums = {}
    for customer_id, name in names.items():
        told: Any = system.owner.call("invoices", "customer_totals", {"customer_id": customer_id})
        sums[name] = sum((Decimal(each["net_total"]) for each in told["totals"]), Decimal("0.00"))
    return sums


def _listed(system: System) -> Iterator[dict[str, Any]]:
    place: dict[str, object] = {}
    while True:
        page: Any = system.owner.call("invoices", "list_invoices", {"limit": _PAGE, **place})
        yield from page["invoices"]
        if "next_page" not in page:
            return
        place = {"page_after": page["next_page"]}


if __name__ == "__main__":
    main()
