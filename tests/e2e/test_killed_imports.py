"""An import that is killed, again and again, and then run to its end issues every document once."""

import csv
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest

from deploy.demo import readback
from deploy.demo.scenario import SELLER
from tests.e2e.conftest import ROOT, System, write_token

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

MAPPING = ROOT / "deploy" / "demo" / "mappings" / "sample.yaml"
DOCUMENTS, CUSTOMERS, KILLS = 320, 9, 4
_PATIENCE = 120
_COLUMNS = (
    *("document", "date", "customer_no", "customer", "email", "street", "city", "post_code", "country"),
    *("article", "text", "quantity", "net_price"),
)


def rows() -> Iterator[Mapping[str, object]]:
    """Invoices, and every seventh a credit note, of one to three lines; their first lines all come first."""
    for line in range(3):
        for number in range(DOCUMENTS):
            if line > number % 3:
                continue
            who, sign = number % CUSTOMERS, -1 if number % 7 == 6 else 1
            yield {
                "document": f"{'RE' if sign > 0 else 'GS'}{number}",
                "date": f"2026-03-{1 + number % 28:02}",
                "customer_no": f"K-{who}",
                "customer": f"Customer {who}",
                "email": f"k-{who}@customers.example",
                "street": "Weg 1",
                "city": "Leipzig",
                "post_code": "04229",
                "country": "Germany",
                "article": f"A-{line}",
                "text": "Bell",
                "quantity": sign * (1 + number % 5),
                "net_price": f"{Decimal(number * 7 + line * 3 + 1) / 8:.3f}",
            }


def net_by_customer() -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows():
        amount = Decimal(str(row["quantity"])) * Decimal(str(row["net_price"]))
        sums[str(row["customer"])] += amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return dict(sums)


@contextmanager
def importing(system: System, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `tallystick import` over the rows, in a process group of its own."""
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    environment |= system.stack.description["client"]
    environment |= {"TALLYSTICK_TOKEN_FILE": str(write_token(system.owner, folder))}
    command = [sys.executable, "-m", "cli", "import", "rows.csv", "--mapping", str(MAPPING)]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
        yield process


def issued(system: System) -> int:
    events = readback.count_events(system.stack.dsn("invoices"), system.owner.tenant)
    return events["InvoiceIssued"] + events["CreditNoteIssued"]


def kill(system: System, folder: Path) -> None:
    """Kill an import at some moment after it has begun to issue what was not issued before."""
    before = issued(system)
    with importing(system, folder) as process:
        deadline = time.monotonic() + _PATIENCE
        while issued(system) == before and process.poll() is None:
            assert time.monotonic() < deadline, "an import issued nothing"
        time.sleep(SystemRandom().random() / 2)
        process.kill()


def pages(system: System, series: str) -> Iterator[Mapping[str, Any]]:
    place = 0
    while True:
        asked: dict[str, object] = {"series": series, "page_after": place}
        page: Any = system.owner.call("invoices", "number_register", asked)
        assert page["faults"] == []
        yield from page["numbers"]
        if "next_page" not in page:
            return
        place = page["next_page"]


def test_an_import_killed_again_and_again_issues_every_document_once(another: System, tmp_path: Path) -> None:
    another.owner.command("invoices", "configure_seller", SELLER)
    with (tmp_path / "rows.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows())
    for _ in range(KILLS):
        kill(another, tmp_path)
    with importing(another, tmp_path) as process:
        assert process.wait(_PATIENCE) == 0
    assert (tmp_path / "refused.csv").read_text().splitlines() == ["row,invoice,code,reason"]
    assert issued(another) == DOCUMENTS
    numbers = [[each["sequence"] for each in pages(another, series)] for series in ("INV", "CN")]
    notes = sum(number % 7 == 6 for number in range(DOCUMENTS))
    assert numbers == [list(range(1, DOCUMENTS - notes + 1)), list(range(1, notes + 1))]
    assert said(another) == net_by_customer()


def said(system: System) -> dict[str, Decimal]:
    """What the service says was issued to each customer, net."""
    sums = {}
    for who in range(CUSTOMERS):
        found: Any = system.owner.call("invoices", "find_customers", {"name": f"Customer {who}"})
        (customer,) = found["customers"]
        told: Any = system.owner.call("invoices", "customer_totals", {"customer_id": customer["customer_id"]})
        sums[customer["name"]] = Decimal(told["totals"][0]["net_total"])
    return sums
