"""An auditor works on a running system, takes a copy home, and finds a read model that lost something."""

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from deploy.demo.people import Person
from deploy.demo.scenario import SELLER
from shared.crypto.age import new_identity
from shared.kernel.clock import SystemClock, to_rfc3339
from shared.kernel.ids import new_id
from shared.merkle.note import NoteVerifier
from tests.e2e.conftest import System, typed
from tests.integration.messaging.processes import wait_until

pytestmark = pytest.mark.integration

LINE = {"name": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}


@dataclass
class Auditor:
    """Somebody at a keyboard."""

    system: System
    person: Person
    """Whose keys are exported: each time takes one of ten recovery codes, so there is a second auditor."""
    second: Person
    folder: Path
    identity: Path
    recipient: str
    log_key: str
    numbers: list[str]

    def types(self, *arguments: str, offline: bool = False) -> "subprocess.CompletedProcess[str]":
        """Run `tallystick audit …`; `offline`: with no idea of where a broker would be."""
        who = self.person if self.person.recovery_codes else self.second
        return typed(None if offline else self.system, who, self.folder, ["audit", *arguments])


def now() -> str:
    return to_rfc3339(SystemClock().now())


def issue(owner: Person, customer: object) -> str:
    draft: dict[str, object] = {
        "customer_id": customer,
        "document_type": "invoice",
        "issue_date": "2026-11-22",
        "currency": "EUR",
        "lines": [LINE],
    }
    invoice_id = owner.command("invoices", "draft_invoice", draft)["invoice_id"]
    issued = owner.command("invoices", "issue_invoice", {"invoice_id": invoice_id})
    asked: dict[str, object] = {"invoice_id": invoice_id, "after": issued["position"]}
    wait_until(lambda: "digest" in owner.call("invoices", "get_invoice", asked), "the document is archived")
    return str(issued["number"])


@pytest.fixture(scope="module")
def auditor(system: System, tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    folder = tmp_path_factory.mktemp("desk")
    owner = system.owner
    owner.command("invoices", "configure_seller", SELLER)
    customer = {"name": "Zoë", "email": "zoe@kunde.example", "address": SELLER["address"]}
    customer_id = owner.command("invoices", "register_customer", customer)["customer_id"]
    numbers = [issue(owner, customer_id) for _ in range(2)]
    person, second = (owner.invite("auditor", "Anselm", f"{new_id()}@kanzlei.example") for _ in range(2))
    person.log_in()
    second.log_in()
    identity, recipient = new_identity()
    identity_file = folder / "me.age"
    identity_file.touch(mode=0o600)
    identity_file.write_text(identity, "utf-8")
    log_key = str(person.call("invoices", "checkpoint", {})["verifier_key"])
    return Auditor(system, person, second, folder, identity_file, recipient, log_key, numbers)


def test_a_running_system_verifies_and_answers_what_its_log_says(auditor: Auditor) -> None:
    witness = str(auditor.person.call("backup", "cosign", {"log": "invoices"})["witness_key"])
    done = auditor.types("verify", "--log-key", auditor.log_key, "--witness-key", witness)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("OK: ")
    assert "cosigned by the witness at" in done.stdout
    assert "compared with the read models:" in done.stdout


def test_a_running_system_shows_its_keys_and_that_they_need_comparing(auditor: Auditor) -> None:
    done = auditor.types("log-keys", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["invoices"] == auditor.log_key
    assert shown["witness"] == auditor.person.call("backup", "cosign", {"log": "invoices"})["witness_key"]
    assert NoteVerifier.parse(shown["auth"]).name != NoteVerifier.parse(shown["invoices"]).name
    assert "compare it with what you got another way" in done.stderr


def test_the_history_of_both_logs_is_told(auditor: Auditor) -> None:
    invoices = auditor.types("replay", "--log-key", auditor.log_key)
    assert invoices.returncode == 0, invoices.stderr
    assert f"issued invoice {auditor.numbers[0]} to Zoë over EUR 23.21 (net 19.50, VAT 3.71)" in invoices.stdout
    assert "(with password and one-time code" in invoices.stdout
    logins = auditor.types("replay", "--log", "auth")
    assert logins.returncode == 0, logins.stderr
    assert "invited Anselm <" in logins.stdout
    assert "logged in as user" in logins.stdout


def test_an_invoice_is_shown_as_it_was_and_what_changed(auditor: Auditor) -> None:
    shown = auditor.types("as-of", auditor.numbers[1], now())
    assert "  state: issued\n" in shown.stdout, shown.stderr
    changed = auditor.types("diff", auditor.numbers[1], "0", now(), "--json")
    assert json.loads(changed.stdout)["changes"]["number"] == {"before": None, "after": auditor.numbers[1]}
    assert "5 events were read, and each proved to be in the tree" in changed.stderr
    whole = auditor.types("diff", auditor.numbers[1], "0", now(), "--json", "--whole-log")
    assert (whole.stdout, "events were read" in whole.stderr) == (changed.stdout, False)


def test_a_copy_is_taken_home_and_verified_without_the_system(auditor: Auditor) -> None:
    exported = auditor.types("export", "copy", "--recipient", auditor.recipient)
    assert exported.returncode == 0, exported.stdout + exported.stderr
    verified = auditor.types(
        "verify", "copy", "--log-key", auditor.log_key, "--identity", str(auditor.identity), "--json", offline=True
    )
    report = json.loads(verified.stdout)
    assert (verified.returncode, report["ok"], report["opened"]) == (0, True, report["events"])
    later = auditor.types("verify", "--log-key", auditor.log_key, "--after-checkpoint", "copy/checkpoint")
    assert later.returncode == 0, later.stdout + later.stderr


def test_a_proof_is_made_that_a_customer_can_check_offline(auditor: Auditor) -> None:
    number = auditor.numbers[0]
    other = str(NoteVerifier("other.example/log", NoteVerifier.parse(auditor.log_key).key))
    untrue = auditor.types("proof", number, "--log-key", other)
    assert (untrue.returncode, untrue.stdout) == (1, ""), untrue.stderr
    made = auditor.types("proof", number, "--pdf", "--log-key", auditor.log_key)
    assert made.returncode == 0, made.stderr
    files = [f"{number}.pdf", f"{number}.tlog-proof"]
    checked = auditor.types("check", *files, "--log-key", auditor.log_key, offline=True)
    assert checked.stdout.startswith(f"PROVED: {number}.pdf is, byte for byte, the document archived on"), (
        checked.stderr
    )
    refused = auditor.types("check", *files, "--log-key", other, offline=True)
    assert (refused.returncode, refused.stdout[:10]) == (1, "NOT PROVED")


def test_what_the_witness_saw_is_in_a_proof_from_a_copy_and_not_in_one_that_is_mailed(auditor: Auditor) -> None:
    number = auditor.numbers[1]
    keys = [
        "--log-key",
        auditor.log_key,
        "--witness-key",
        json.loads(auditor.types("log-keys", "--json").stdout)["witness"],
    ]
    assert auditor.types("proof", number, "--pdf", "--output", "mailed").returncode == 0
    mailed = auditor.types("check", "mailed.pdf", "mailed.tlog-proof", *keys, offline=True)
    assert (mailed.returncode, mailed.stdout[:21]) == (4, "PROVED, NOT WITNESSED"), mailed.stderr
    assert auditor.types("export", "seen", "--recipient", auditor.recipient).returncode == 0
    trusting = ["--identity", str(auditor.identity), "--log-key", auditor.log_key]
    made = auditor.types("proof", number, "seen", *trusting, "--output", "seen-by-witness", offline=True)
    assert made.returncode == 0, made.stderr
    seen = auditor.types("check", "mailed.pdf", "seen-by-witness.tlog-proof", *keys, offline=True)
    assert (seen.returncode, seen.stdout[:8]) == (0, "PROVED: "), seen.stderr
    assert "cosigned that history at" in seen.stdout


def test_a_token_without_the_permission_to_export_still_verifies_hashes(auditor: Auditor) -> None:
    owner = auditor.system.owner
    reader = replace(auditor, person=owner)
    assert "permission_denied" in reader.types("verify", "--log-key", auditor.log_key).stderr
    done = reader.types("verify", "--log-key", auditor.log_key, "--without-keys")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_read_model_that_lost_a_document_is_found(auditor: Auditor) -> None:
    invoice = json.loads(auditor.types("as-of", auditor.numbers[0], now(), "--json").stdout)
    with psycopg.connect(auditor.system.stack.dsn("invoices")) as database:
        for schema in ("read_a", "read_b"):
            database.execute(f"DELETE FROM {schema}.invoices WHERE invoice_id = %s", (invoice["invoice_id"],))  # noqa: S608 - two names from above
    done = auditor.types("verify", "--log-key", auditor.log_key)
    assert done.returncode == 1
    assert f"read_model_differs: the read model does not list {invoice['invoice_id']}" in done.stdout
