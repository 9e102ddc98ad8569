"""What verification can find wrong with a log, each with its kind and its position."""

from dataclasses import dataclass, field
from enum import StrEnum

MOST_KEPT = 1000
"""Faults that are kept with their reasons; of the rest only the number: a log may be wrong in a million places."""


class FaultKind(StrEnum):
    """What can be wrong with a log; docs/auditing.md says what each one means."""

    CHECKPOINT_INVALID = "checkpoint_invalid"
    WITNESS_MISSING = "witness_missing"
    HISTORY_REWRITTEN = "history_rewritten"
    CHECKPOINT_LARGER = "checkpoint_larger"
    COPY_DIFFERS = "copy_differs"
    SIZE_DIFFERS = "size_differs"
    ROOT_DIFFERS = "root_differs"
    TILE_UNREADABLE = "tile_unreadable"
    TILE_DIFFERS = "tile_differs"
    EVENTS_UNREADABLE = "events_unreadable"
    POSITION_UNEXPECTED = "position_unexpected"
    VERSION_UNEXPECTED = "version_unexpected"
    TENANT_FOREIGN = "tenant_foreign"
    ENTRY_REFUSED = "entry_refused"
    LEAF_DIFFERS = "leaf_differs"
    KEY_MISSING = "key_missing"
    DESTRUCTION_UNPROVED = "destruction_unproved"
    SEAL_BROKEN = "seal_broken"
    PAYLOAD_INVALID = "payload_invalid"
    FOLD_REFUSED = "fold_refused"
    READ_MODEL_DIFFERS = "read_model_differs"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `position` is None when it concerns the log as a whole."""

    kind: FaultKind
    position: int | None
    reason: str


@dataclass
class Faults:
    """What was found so far, in the order it was found."""

    kept: list[Fault] = field(default_factory=list)
    """The first MOST_KEPT."""
    count: int = 0
    """How many in all."""

    def add(self, kind: FaultKind, position: int | None, reason: str) -> None:
        """Note a fault. `reason` is one sentence that quotes no payload."""
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Fault(kind, position, reason))
