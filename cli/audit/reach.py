"""Whether a log, or a copy of a part of one, can answer for a moment: neither knows what lies beyond its ends."""

import click

from cli.audit.bundle import Bundle
from cli.audit.live import LiveLog
from cli.audit.moments import Moment, Until
from shared.kernel.clock import SystemClock, to_rfc3339


def extent(copy: Bundle | LiveLog) -> str:
    """Say what can be asked about, as the end of a sentence."""
    if copy.size == 0:
        return "the log is empty"
    if is_whole(copy):
        return f"the log has positions 0 to {copy.last}"
    return f"this copy holds positions {copy.first} to {copy.last} of a log of {copy.size} events"


def is_whole(copy: Bundle | LiveLog) -> bool:
    """Tell whether every event of the tree is there."""
    return copy.first == 0 and copy.last == copy.size - 1


def require_held(copy: Bundle | LiveLog, *moments: Moment) -> None:
    """Refuse, before anything is read, a position that is not there and an instant that has not come yet.

    Raises click.BadParameter, which ends the program with exit status 2.
    """
    now = to_rfc3339(SystemClock().now())
    for moment in moments:
        if moment.position is not None and not copy.first <= moment.position <= copy.last:
            raise click.BadParameter(f"there is no {moment} here: {extent(copy)}")
        if moment.instant is not None and moment.instant > now:
            raise click.BadParameter(f"{moment} has not come yet")


def require_order(earlier: Moment, later: Moment) -> None:
    """Refuse two moments of which the later one is named first; raises click.BadParameter."""
    if earlier.is_after(later):
        raise click.BadParameter(f"{earlier} is after {later}: name the earlier moment first")


def require_reached(copy: Bundle | LiveLog, until: Until) -> None:
    """Refuse, after the walk, an instant that lies before or behind the part of the log that the copy holds.

    Raises click.BadParameter.
    """
    require_begun(copy, until)
    if until.is_open and copy.last < copy.size - 1:
        raise click.BadParameter(f"{until.moment} lies behind the last event that is here: {extent(copy)}")
    note_end(copy, until)


def require_begun(copy: Bundle | LiveLog, until: Until) -> None:
    """Refuse, after the walk, an instant before everything in a copy that begins in the middle of its log.

    Raises click.BadParameter.
    """
    if until.moment is not None and until.last < 0 and copy.first > 0:
        raise click.BadParameter(f"{until.moment} lies before the first event that is here: {extent(copy)}")


def note_end(copy: Bundle | LiveLog, until: Until) -> None:
    """Say on stderr that a bundle knows nothing of what happened between its last event and the instant asked about."""
    if until.is_open and isinstance(copy, Bundle):
        click.echo(f"What happened after position {copy.last} is not in this copy of the log.", err=True)
