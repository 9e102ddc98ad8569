"""A moment in a log: a position, or an instant."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from shared.kernel.clock import to_rfc3339

_FIRST_YEAR, _LAST_YEAR = 1969, 9999
_POSITION = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Moment:
    """Either a position or an instant (RFC 3339 UTC, microseconds)."""

    position: int | None = None
    instant: str | None = None

    def __str__(self) -> str:
        return f"position {self.position}" if self.position is not None else str(self.instant)

    def is_after(self, other: "Moment") -> bool:
        """Tell whether this is the later of two positions or two instants; of one of each only a log can tell."""
        if self.position is not None and other.position is not None:
            return self.position > other.position
        if self.instant is not None and other.instant is not None:
            return self.instant > other.instant
        return False


class Until:
    """Tells, event by event, whether the log had got that far at a moment.

    At an instant the log holds the events before the first one that is later. Positions are the order in which things
    were committed; where a clock was set back, an event after one that is too late is too late as well.
    """

    def __init__(self, moment: Moment | None) -> None:
        self.moment = moment
        self.last = -1
        """Position of the last event that was there, of those that were asked about."""
        self._over = False

    @classmethod
    def stood_at(cls, moment: Moment, last: int) -> "Until":
        """Return the same where it is known already which position was the last one; no event is to be asked about."""
        until = cls(moment)
        until.last, until._over = last, True
        return until

    @property
    def is_open(self) -> bool:
        """True for an instant while no event was later than it: the log might have gone on before it."""
        return self.moment is not None and self.moment.instant is not None and not self._over

    def holds(self, position: int, at: str) -> bool:
        """Tell whether the event was there; to be asked for every event, by position."""
        held = self._holds(position, at)
        if held:
            self.last = position
        return held

    def _holds(self, position: int, at: str) -> bool:
        if self.moment is None:
            return True
        if self.moment.position is not None:
            return position <= self.moment.position
        self._over = self._over or at > str(self.moment.instant)
        return not self._over


class MomentType(click.ParamType[Moment]):
    """A position (`812`) or an instant with its zone (`2026-11-22T09:00:00Z`) on the command line."""

    name = "POSITION|INSTANT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Moment:  # noqa: ANN401 - click's signature
        """Read the argument; a sentence and exit status 2 when it is neither."""
        if isinstance(value, Moment):
            return value
        if _POSITION.fullmatch(value):
            return Moment(position=int(value))
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a position nor an instant like 2026-11-22T09:00:00Z", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} does not say in which zone: end it with Z, or with +01:00", param, ctx)
        if not _FIRST_YEAR < moment.year < _LAST_YEAR:
            self.fail(f"{value!r} is no instant that a log could have", param, ctx)
        return Moment(instant=to_rfc3339(moment))


MOMENT = MomentType()
