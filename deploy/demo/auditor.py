"""The auditor's side: a desk with an age identity of its own, and a copy of the log to verify and to spoil."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cli.audit.bundle import Bundle
from cli.audit.export import begin, export, files_of
from cli.audit.ledger import Ledger
from cli.audit.live import LiveLog
from cli.audit.read_models import ReadModelComparison
from deploy.demo import screen
from deploy.demo.people import Person
from shared.crypto.age import new_identity
from shared.eventstore.faults import Faults
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification, verify_log
from shared.merkle.note import NoteVerifier
from shared.merkle.tiles import WIDTH, Tile, tile_width


@dataclass
class AuditorsDesk:
    """Where the auditor works; the identity never leaves this process."""

    folder: Path
    auditor: Person
    recipient: str
    identity: str = field(repr=False)
    trust: Trust

    @classmethod
    def set_up(cls, folder: Path, auditor: Person) -> Self:
        """Start with an empty folder, a new age identity and the log's key, which is written down once."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        identity, recipient = new_identity()
        log_key = str(auditor.call("invoices", "checkpoint", {})["verifier_key"])
        return cls(folder, auditor, recipient, identity, Trust(NoteVerifier.parse(log_key)))

    def take_home_and_verify(self) -> tuple[Verification, Ledger]:
        """Export the whole log, then verify and fold the copy."""
        folder = self.folder / "bundle"
        log = begin(self._ask, folder, str(self._ask("checkpoint", {})["note"]), None, None)
        with screen.Bar("files", files_of(log)) as bar:
            bundle = export(log, self.recipient, folder, bar.reach)
        found = Faults()
        ledger = Ledger(found)
        keys = bundle.keys(self.identity)
        return verify_log(bundle, self.trust, keys=keys, on_page=ledger.add_all, found=found), ledger

    def compare_with_services(self) -> tuple[int, Faults]:
        """Compare every document and total that the service shows with a fold of its log; return how many documents."""
        found = Faults()
        log, ledger = LiveLog(self._ask), Ledger(found, remember=True)
        keys = log.keys(self.identity, self.recipient)
        verify_log(log, self.trust, keys=keys, on_page=ledger.add_all, found=found)
        comparison = ReadModelComparison(self._ask, log, ledger, found)
        comparison.run()
        return comparison.documents, found

    def verify_tampered_copy(self) -> tuple[int, Verification]:
        """Change one byte of one payload in the middle of a copy; return its position and what verification finds."""
        copy = Bundle(self.folder / "tampered")
        shutil.copytree(self.folder / "bundle", copy.folder)
        position = copy.size // 2
        _flip_payload(copy, position)
        found = verify_log(copy, self.trust, keys=copy.keys(self.identity))
        shutil.rmtree(copy.folder)
        return position, found

    def _ask(self, method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        return self.auditor.call("invoices", method, dict(request))


def _flip_payload(bundle: Bundle, position: int) -> None:
    """Flip a bit in the middle of the payload at a position; each stands after its length in the tile's file."""
    index = position // WIDTH
    path = bundle.folder / "sealed" / Tile(0, index, tile_width(0, index, bundle.size)).place
    content, start = bytearray(path.read_bytes()), 0
    for _ in range(position % WIDTH):
        start += 4 + int.from_bytes(content[start : start + 4], "big")
    length = int.from_bytes(content[start : start + 4], "big")
    content[start + 4 + length // 2] ^= 1
    path.write_bytes(content)
