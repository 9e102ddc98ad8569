"""Destroys the keys that the log says are to be destroyed: finishes what a killed process began.

It follows the log like a projection, from a checkpoint of its own, woken by every append. After a restore it starts
from the beginning, because checkpoints of followers are not backed up: whatever key an older backup of the keyring
brought back is destroyed again.
"""

import psycopg

from services.invoices.domain.events import SubjectShredded
from services.invoices.history import decode
from shared.crypto.keyring import Keyring
from shared.eventstore.model import RecordedEvent

NAME = "shredder"


class Shredder:
    """A follower whose only effect is in the keyring."""

    name = NAME

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:  # noqa: ARG002 - it has no rows
        """Destroy the subject's keys if that is what happened; doing it again changes nothing."""
        shredded = decode(event)
        if isinstance(shredded, SubjectShredded):
            self._keyring.shred(event.tenant, shredded.subject)

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Have nothing to empty: what is destroyed stays so."""
