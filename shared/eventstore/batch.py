"""What both stores check before they append a batch."""

from collections import Counter
from collections.abc import Mapping, Sequence

from shared.eventstore.entry import check_entry
from shared.eventstore.model import CommandId, SealedEvent
from shared.eventstore.store import EntryRefused

HASH_BYTES = 32
LONGEST_COMMAND_KEY = 200


def check_batch(
    tenant: str, events: Sequence[SealedEvent], expected: Mapping[str, int], command: CommandId | None
) -> None:
    """Raise EntryRefused unless the batch could be appended to a log that is where `expected` says.

    The versions matter doubly: they are part of the data that the payloads were sealed with, so an event stored under
    another version would never open.
    """
    if not events:
        raise EntryRefused("a batch needs at least one event")
    appended = Counter[str]()
    for event in events:
        check_entry(event)
        if event.tenant != tenant:
            raise EntryRefused("an event belongs to another tenant")
        if event.stream not in expected:
            raise EntryRefused("a stream has no expected version")
        appended[event.stream] += 1
        if event.version != expected[event.stream] + appended[event.stream]:
            raise EntryRefused("versions do not follow the expected version")
    if command is not None:
        check_command(command)


def check_command(command: CommandId) -> None:
    """Raise EntryRefused unless the key is 1 to 200 bytes of text and the hash 32 bytes."""
    if not 1 <= len(command.key.encode()) <= LONGEST_COMMAND_KEY or "\0" in command.key:
        raise EntryRefused("an idempotency key needs 1 to 200 bytes")
    if len(command.request_hash) != HASH_BYTES:
        raise EntryRefused("a request hash needs 32 bytes")
