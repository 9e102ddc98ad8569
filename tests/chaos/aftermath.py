"""What must hold of a log, whatever happened to those who wrote it."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from cli.audit.live import LiveLog
from shared.crypto.age import new_identity
from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import PostgresCheckpointStore
from shared.eventstore.log_access import LogAccess
from shared.eventstore.model import RecordedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from shared.merkle.checkpoint import Checkpoint, origin_for, verify_checkpoint
from shared.merkle.note import NoteVerifier
from tests.audited import answer
from tests.chaos.writer import events_of
from tests.chaos.writers import Writer
from tests.keyrings import keyring_over
from tests.log_model import leaf_of, tree_hash
from tests.stack import Database

LOG_DOMAIN = "log.example"


class Witness:
    """Takes a tenant's signed checkpoints while it is being written to, and checks the log against all of them."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database, self._tenant = database, tenant
        self._checkpoints: list[Checkpoint] = []
        self._signing_key = SigningKey.generate()
        self._verifier = NoteVerifier(origin_for(LOG_DOMAIN, tenant), self._signing_key.public)

    def take(self) -> None:
        """Ask for the signed tree head, and keep it."""
        note = str(self._access().checkpoint(self._tenant)["note"])
        self._checkpoints.append(verify_checkpoint(note, [self._verifier], self._verifier.name))

    def check(self, writers: Sequence[Writer]) -> None:
        """Check the tenant's whole log: `writers` are all that ever wrote to it, and have ended."""
        events: list[RecordedEvent] = []
        log = LiveLog(partial(answer, self._access(), self._tenant))
        keys = log.keys(*new_identity())
        verified = verify_log(log, Trust(self._verifier), keys=keys, on_page=events.extend)
        assert (verified.faults, verified.events, verified.opened) == ([], log.size, log.size)
        check_events(events, [writer for writer in writers if writer.tenant == self._tenant])
        leaves = [leaf_of(event) for event in PostgresEventStore(self._database.pool()).read_log(self._tenant)]
        for checkpoint in self._checkpoints:
            assert checkpoint.root == tree_hash(leaves[: checkpoint.size])

    def _access(self) -> LogAccess:
        pool = self._database.pool()
        keys = PostgresKeyStore(pool)
        return LogAccess(
            store=PostgresEventStore(pool),
            checkpoints=PostgresCheckpointStore(pool),
            keyring=keyring_over(keys),
            keys=keys,
            signing_key=self._signing_key,
            log_domain=LOG_DOMAIN,
        )


def check_events(events: Sequence[RecordedEvent], writers: Sequence[Writer]) -> None:
    """Nothing that was acknowledged is missing or elsewhere, nothing is there twice or in part, nothing has a gap."""
    assert [event.position for event in events] == list(range(len(events)))
    versions: dict[str, list[int]] = defaultdict(list)
    found: dict[str, list[RecordedEvent]] = defaultdict(list)
    for event in events:
        versions[event.stream].append(event.version)
        found[str(event.payload["command"])].append(event)
    for stream, counted in versions.items():
        assert counted == list(range(1, len(counted) + 1)), stream
    acknowledged = {
        f"{writer.name}-{number}": place for writer in writers for number, place in writer.acknowledged().items()
    }
    # Every command was sent until it was answered, so what is in the log and what was answered are the same.
    assert {command: (parts[0].position, parts[-1].position) for command, parts in found.items()} == acknowledged
    for command, parts in found.items():
        assert [(event.stream, event.type, event.payload) for event in parts] == [
            (event.stream, event.type, event.payload) for event in events_of(command)
        ]
