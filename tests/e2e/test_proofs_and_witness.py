"""What a running system proves of itself, to whom it mailed a document and to who watches its logs."""

import hashlib
import json
from typing import Any

import pytest

from deploy.demo.scenario import SELLER
from shared.crypto.signing import SigningKey
from shared.merkle.checkpoint import Checkpoint
from shared.merkle.cosignature import CosignatureVerifier, cosigned_at
from shared.merkle.note import NoteVerifier, VerifiedNote, open_note
from shared.merkle.tlog_proof import TlogProof
from shared.merkle.tree import verify_consistency
from tests.e2e.conftest import System
from tests.e2e.test_running_system import insist, issue_one, mails_of, settled_deliveries

pytestmark = pytest.mark.integration


def log_key(system: System, service: str) -> NoteVerifier:
    """Return the key of a log as its owner knows it, which is the one in the file."""
    verifier = NoteVerifier.parse(str(system.owner.call(service, "checkpoint", {})["verifier_key"]))
    assert verifier.key == SigningKey.load(system.stack.secret(f"log-signing-key-{service}")).public
    return verifier


def cosigned(system: System, service: str) -> VerifiedNote:
    """Have the witness look at a log; return the note, checked with the keys in the files."""
    reply = system.owner.call("backup", "cosign", {"log": service})
    witness = CosignatureVerifier.parse(str(reply["witness_key"]))
    assert witness.key == SigningKey.load(system.stack.secret("witness-key")).public
    note = open_note(str(reply["note"]), [log_key(system, service), witness])
    assert [each.verifier for each in note.signatures] == [log_key(system, service), witness]
    assert cosigned_at(note.signatures[1]) > 0
    return note


@pytest.mark.parametrize("service", ["invoices", "auth"])
def test_the_witness_cosigns_each_log_as_it_grows(system: System, service: str) -> None:
    insist(system, "configure_seller", dict(SELLER))
    before = Checkpoint.from_text(cosigned(system, service).text)
    insist(system, "configure_seller", dict(SELLER))
    system.owner.invite("auditor", "Anna", f"{service}@witnessed.example")
    after = Checkpoint.from_text(cosigned(system, service).text)
    assert after.origin == f"{service}.tallystick.example/tallystick/{system.owner.tenant}"
    assert after.size > before.size
    sizes: dict[str, object] = {"first": before.size, "second": after.size}
    reply: dict[str, Any] = system.owner.call(service, "consistency", sizes)
    proof = [bytes.fromhex(each) for each in reply["hashes"]]
    verify_consistency(before.size, before.root, after.size, after.root, proof)


def test_who_got_an_invoice_by_mail_can_check_it_offline(another: System) -> None:
    system = another
    insist(system, "configure_seller", dict(SELLER))
    number = issue_one(system)
    settled_deliveries(system, 1)
    pdf, proof = attachments(system, number)
    verifier = log_key(system, "invoices")
    shown = TlogProof.from_text(proof.decode()).verify([verifier], verifier.name)
    assert json.loads(shown.entry)["digest"] == hashlib.sha256(pdf).hexdigest()
    assert json.loads(shown.entry)["tenant"] == system.owner.tenant


def attachments(system: System, number: str) -> tuple[bytes, bytes]:
    """Return the document and the proof from the mail about one of the business's invoices."""
    for _, parts in mails_of(system):
        if set(parts) == {f"{number}.pdf", f"{number}.tlog-proof"}:
            return parts[f"{number}.pdf"], parts[f"{number}.tlog-proof"]
    raise AssertionError(f"no mail about {number}")
