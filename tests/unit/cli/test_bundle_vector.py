"""The bundle that was made once still verifies, opens and reads the same: no later program may read it otherwise."""

import json
from hashlib import sha256
from pathlib import Path

from cli.audit.bundle import Bundle
from cli.audit.ledger import Ledger
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.note import NoteVerifier

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
TRUSTED = json.loads((VECTORS / "bundle.json").read_text("utf-8"))


def test_the_golden_bundle_verifies_and_reads_the_same() -> None:
    bundle, ledger = Bundle(VECTORS / "bundle"), Ledger()
    trust = Trust(NoteVerifier.parse(TRUSTED["log_key"]), CosignatureVerifier.parse(TRUSTED["witness_key"]))
    verified = verify_log(bundle, trust, keys=bundle.keys(TRUSTED["identity"]), on_page=ledger.add_all)
    assert verified.faults == []
    assert (verified.events, verified.opened, verified.shredded) == (12, 9, 3)
    assert (str(ledger.sum_net), ledger.issued["InvoiceIssued"]) == ("39.00", 2)


def test_the_golden_bundle_can_be_read_from_its_description_alone() -> None:
    """Without this program's readers: as docs/formats.md says it."""
    folder = VECTORS / "bundle"
    entries, payloads = (folder / "tile/entries/000.p/12").read_bytes(), (folder / "sealed/000.p/12").read_bytes()
    leaves = b""
    for _ in range(12):
        end = 2 + int.from_bytes(entries[:2], "big")
        entry, entries = entries[2:end], entries[end:]
        end = 4 + int.from_bytes(payloads[:4], "big")
        payload, payloads = payloads[4:end], payloads[end:]
        assert json.loads(entry)["sealed"] == sha256(payload).hexdigest()
        leaves += sha256(b"\x00" + entry).digest()
    assert (entries, payloads) == (b"", b"")
    assert (folder / "tile/0/000.p/12").read_bytes() == leaves
