"""The auditor's side: a desk with an age identity of its own, and a copy of the log to spoil."""

import base64
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cli.audit.bundle import Bundle, event_line
from shared.crypto.age import new_identity
from shared.merkle.note import NoteVerifier


@dataclass
class AuditorsDesk:
    """Where the auditor works; the identity never leaves this process."""

    folder: Path
    recipient: str
    identity: str = field(repr=False)
    trusted: NoteVerifier = field(init=False)

    @classmethod
    def set_up(cls, folder: Path) -> Self:
        """Start with an empty folder and a new age identity."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        identity, recipient = new_identity()
        return cls(folder, recipient, identity)

    def trust(self, log_key: str) -> NoteVerifier:
        """Write down the log's key, as an auditor does once, and return it."""
        self.trusted = NoteVerifier.parse(log_key)
        return self.trusted


def tampered_copy(folder: Path, target: Path) -> tuple[int, Bundle]:
    """Copy a bundle and change one byte of one event's payload, in the middle of the log; return its position."""
    shutil.copytree(folder, target)
    bundle = Bundle(target)
    lines = bundle.events_path.read_text("utf-8").splitlines()
    position = len(lines) // 2
    event = json.loads(lines[position])
    sealed = bytearray(base64.b64decode(event["sealed"]))
    sealed[len(sealed) // 2] ^= 1
    event["sealed"] = base64.b64encode(sealed).decode()
    lines[position] = event_line(event).rstrip("\n")
    bundle.events_path.write_text("\n".join(lines) + "\n", "utf-8")
    return position, bundle
