"""What a business imported it takes home by command, and another business takes it in with the same sums."""

import csv
import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.demo import readback
from deploy.demo.expected import expect
from deploy.demo.people import Operator, Person
from deploy.demo.scenario import SELLER
from shared.merkle.tlog_proof import TlogProof
from tests.e2e.conftest import ROOT, System, typed
from tests.integration.messaging.processes import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
DATA = ROOT / "deploy" / "demo" / "data" / "sample.csv"
MAPPING = ROOT / "deploy" / "demo" / "mappings" / "sample.yaml"


def founded(system: System, name: str) -> Person:
    """A business that may issue."""
    email = f"{name.lower()}@exchange.example"
    told = Operator(system.client, system.stack.operator_key).create_tenant(name, name, email)
    owner = Person(system.client, str(told["tenant"]), email)
    owner.enrol(str(told["invitation"]))
    owner.log_in()
    owner.command("invoices", "configure_seller", SELLER)
    return owner


def tallystick(system: System, person: Person, folder: Path, *arguments: str) -> str:
    done = typed(system, person, folder, list(arguments))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def net(path: Path) -> Decimal:
    with path.open(newline="", encoding="utf-8") as stream:
        return sum((Decimal(row["net"]) for row in csv.DictReader(stream)), Decimal(0))


def test_an_import_comes_out_again_and_goes_into_another_business(system: System, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    hanna, theo = founded(system, "Hanna"), founded(system, "Theo")
    said = tallystick(system, hanna, here, "import", str(DATA), "--mapping", str(MAPPING), "--partial")
    expected = expect(DATA, MAPPING, None)
    documents = len(expected.invoices) + len(expected.credit_notes)
    assert f"Documents issued, now or by an earlier run: {documents}, 3 of them without rows that were refused." in said

    tallystick(system, hanna, here, "export", "all.jsonl", "--as", "json")
    tallystick(system, hanna, here, "export", "all.csv", "--as", "csv")
    tallystick(system, hanna, here, "export", "lines.csv", "--as", "lines")
    assert net(here / "all.csv") == net(here / "lines.csv") == expected.sum_net

    again = tallystick(system, theo, there, "import", str(here / "all.jsonl"))
    assert f"Documents issued, now or by an earlier run: {documents}. Rows refused: 0" in again
    tallystick(system, theo, there, "export", "all.jsonl", "--as", "json")
    first, second = (
        [json.loads(line) for line in (folder / "all.jsonl").read_text("utf-8").splitlines()]
        for folder in (here, there)
    )
    assert [each["issued"]["totals"] for each in second] == [each["issued"]["totals"] for each in first]
    assert [each["content"] for each in second] == [each["content"] for each in first]


def test_files_come_out_as_the_log_binds_them(system: System, tmp_path: Path) -> None:
    ida = founded(system, "Ida")
    tallystick(system, ida, tmp_path, "import", str(DATA), "--mapping", str(MAPPING), "--limit", "2")

    def drawn() -> int:
        return readback.count_events(system.stack.dsn("invoices"), ida.tenant)["DocumentArchived"]

    wait_until(lambda: drawn() == 2, "both documents are drawn")
    tallystick(system, ida, tmp_path, "export", "PDFS", "--as", "pdf", "--proofs")
    for pdf in (tmp_path / "PDFS").glob("*.pdf"):
        proof = TlogProof.from_text((tmp_path / "PDFS" / f"{pdf.name}.tlog-proof").read_text("utf-8"))
        assert hashlib.sha256(pdf.read_bytes()).hexdigest() in proof.entry.decode()
    assert len(list((tmp_path / "PDFS").glob("*.pdf"))) == 2


def linked(folder: Path) -> list[dict[str, object]]:
    """What an export says, with the places of earlier documents in place of their keys."""
    documents = [json.loads(line) for line in (folder / "all.jsonl").read_text("utf-8").splitlines()]
    place = {each["key"]: index for index, each in enumerate(documents)}
    return [
        {
            "totals": each["issued"]["totals"],
            "state": each["issued"]["state"],
            "corrects": [place[earlier["key"]] for earlier in each["content"].get("preceding", ())],
        }
        for each in documents
    ]


def test_credit_notes_stay_with_their_invoices_wherever_they_are_imported(system: System, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    mia, noa = founded(system, "Mia"), founded(system, "Noa")
    address = {"line": "Bryggen 1", "city": "Bergen", "post_code": "5003", "country_code": "NO"}
    customer = {"key": "7", "particulars": {"name": "Kari Fjell AS", "email": "k@fjell.example", "address": address}}
    line = {"name": "Bell", "unit_price": "9.75", "vat_category": "Z", "vat_rate": "0"}
    sold = {"document_type": "invoice", "issue_date": "2026-03-02", "currency": "EUR"}
    back = {**sold, "document_type": "credit_note", "preceding": [{"key": "R-1"}]}
    documents = [
        {"key": "G-1", "customer": customer, "content": {**back, "lines": [{**line, "quantity": "1"}]}},
        {"key": "R-1", "customer": customer, "content": {**sold, "lines": [{**line, "quantity": "3"}]}},
        {"key": "G-2", "customer": customer, "content": {**back, "lines": [{**line, "quantity": "3"}]}},
        {"key": "G-3", "customer": customer, "content": {**back, "lines": [{**line, "quantity": "2"}]}},
    ]
    (here / "in.jsonl").write_text("\n".join(json.dumps(each) for each in documents), "utf-8")
    said = tallystick(system, mia, here, "import", "in.jsonl")
    assert "Documents issued, now or by an earlier run: 3. Rows refused: 1" in said
    assert "G-2,credit_exceeds_invoice" in (here / "refused.csv").read_text("utf-8")
    tallystick(system, mia, here, "export", "all.jsonl", "--as", "json")
    assert [(each["state"], each["corrects"]) for each in linked(here)] == [
        ("cancelled", []),
        ("issued", [0]),
        ("issued", [0]),
    ]
    tallystick(system, noa, there, "import", str(here / "all.jsonl"))
    tallystick(system, noa, there, "export", "all.jsonl", "--as", "json")
    assert linked(there) == linked(here)


def test_what_is_imported_without_mail_is_mailed_to_nobody_and_the_rest_once(system: System, tmp_path: Path) -> None:
    una = founded(system, "Una")
    address = {"line": "Bryggen 1", "city": "Bergen", "post_code": "5003", "country_code": "NO"}
    line = {"name": "Bell", "quantity": "1", "unit_price": "9.75", "vat_category": "Z", "vat_rate": "0"}
    content = {"document_type": "invoice", "issue_date": "2026-03-02", "currency": "EUR", "lines": [line]}
    for name in ("old", "new"):
        customer = {"name": name, "email": f"{name}@mailed.example", "address": address}
        document = {"key": name, "customer": {"key": name, "particulars": customer}, "content": content}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(document), "utf-8")

    foreseen = tallystick(system, una, tmp_path, "import", "old.jsonl", "--dry-run")
    assert "An import MAILS its documents to their customers: 1" in foreseen
    assert "Mailed to nobody." in tallystick(system, una, tmp_path, "import", "old.jsonl", "--no-mail")
    assert "Mailed to nobody." in tallystick(system, una, tmp_path, "import", "old.jsonl", "--no-mail")
    assert "Mailed to" not in tallystick(system, una, tmp_path, "import", "old.jsonl")
    assert "Mailed to their customers, once: 1" in tallystick(system, una, tmp_path, "import", "new.jsonl")
    again = tallystick(system, una, tmp_path, "import", "new.jsonl", "--no-mail")
    assert "Mailed to their customers by an earlier run, without --no-mail: 1" in again

    def over() -> bool:
        counted = una.call("notifier", "deliveries", {})
        return (counted["sent"], counted["not_wanted"]) == (1, 1)

    wait_until(over, "one document is mailed, and the other one is not to be")
    mails = [path.read_text("utf-8", "replace") for path in Path(system.stack.maildir).glob("new/*")]
    assert sum("new@mailed.example" in mail for mail in mails) == 1
    assert not any("old@mailed.example" in mail for mail in mails)
    tallystick(system, una, tmp_path, "export", "all.jsonl", "--as", "json")
    exported = [json.loads(each) for each in (tmp_path / "all.jsonl").read_text("utf-8").splitlines()]
    assert all("mailed" not in each["issued"] for each in exported)
    assert all("delivery" not in each["customer"]["particulars"] for each in exported)
