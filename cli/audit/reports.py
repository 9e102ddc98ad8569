"""What was found, as text and as JSON."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from msgspec import structs

from cli.audit.sentences import printable
from shared.eventstore.faults import Fault, FaultKind
from shared.eventstore.model import RecordedEvent
from shared.eventstore.verification import Verification

_MOST_SHOWN = 100
_NOT_CHECKED = {
    "payloads": "not checked: the payloads, for want of their keys (--identity); only their hashes were",
    "witness": "not checked: that everybody is shown the same history (--witness-key)",
}
_ROOTS = frozenset(
    {
        FaultKind.LEAF_DIFFERS,
        FaultKind.SEAL_BROKEN,
        FaultKind.ENTRY_REFUSED,
        FaultKind.PAYLOAD_INVALID,
        FaultKind.EVENTS_UNREADABLE,
        FaultKind.POSITION_UNEXPECTED,
        FaultKind.KEY_MISSING,
    }
)
_CONSEQUENCES = frozenset({FaultKind.VERSION_UNEXPECTED, FaultKind.FOLD_REFUSED, FaultKind.READ_MODEL_DIFFERS})


def as_text(verified: Verification) -> str:
    """Return a line for each fault (the first hundred) and a verdict."""
    shown = verified.faults[:_MOST_SHOWN]
    lines = [_fault_line(fault, cause) for fault, cause in zip(shown, causes(shown), strict=True)]
    more = verified.found.count - len(lines)
    if more:
        lines.append(f"and {more} more")
    return "\n".join([*lines, _verdict(verified)])


def as_json(verified: Verification) -> str:
    """Return one JSON object: `faults` holds the first thousand, `fault_count` says how many there are."""
    signed = verified.signed
    return json.dumps(
        {
            "ok": verified.ok,
            "origin": signed.checkpoint.origin,
            "size": signed.checkpoint.size,
            "first": verified.first,
            "last": verified.last,
            "whole": verified.whole,
            "not_checked": _not_checked(verified),
            "root": None if verified.root is None else verified.root.hex(),
            "signed_by_log": signed.by_log,
            "cosigned_at": signed.cosigned_at,
            "events": verified.events,
            "opened": verified.opened,
            "shredded": verified.shredded,
            "fault_count": verified.found.count,
            "faults": [
                {"kind": fault.kind, "position": fault.position, "reason": fault.reason, "may_follow_from": cause}
                for fault, cause in zip(verified.faults, causes(verified.faults), strict=True)
            ],
        }
    )


def event_json(event: RecordedEvent) -> str:
    """Return an event as one line of JSON."""
    fields = structs.asdict(event)
    by = event.by
    fields["by"] = None if by is None else structs.asdict(by)
    return json.dumps(fields, ensure_ascii=True)


def finish(context: click.Context, verified: Verification) -> None:
    """End a command that shows something else than the verification: say on stderr what is wrong, exit 1 then."""
    if not verified.signed.by_log and verified.ok:
        click.echo("No --log-key was given: who signed this log was not checked.", err=True)
    if verified.shredded:
        click.echo(f"{verified.shredded} of these events cannot be read: their keys were destroyed.", err=True)
    if not verified.ok:
        click.echo(as_text(verified), err=True)
    context.exit(0 if verified.ok else 1)


def utc(seconds: int) -> str:
    """Return a moment in seconds since 1970 as a person reads it."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"second {seconds} since 1970"


def causes(faults: Sequence[Fault]) -> list[int | None]:
    """Return for each fault the position of an earlier one that it may be a mere consequence of; None for the others.

    An event that is not there for the fold, or not the one it was, makes later ones impossible. It may follow: whether
    it does, nobody can know before the cause is mended, so consequences are counted and shown all the same.
    """
    roots = [fault.position for fault in faults if fault.kind in _ROOTS and fault.position is not None]
    first = min(roots, default=None)
    return [
        first
        if first is not None and fault.kind in _CONSEQUENCES and (fault.position is None or fault.position > first)
        else None
        for fault in faults
    ]


def _fault_line(fault: Fault, cause: int | None) -> str:
    where = "whole log" if fault.position is None else f"position {fault.position}"
    follows = "" if cause is None else f" (may only follow from what is wrong at position {cause})"
    return printable(f"{where}: {fault.kind}: {fault.reason}{follows}")


def _range(verified: Verification) -> str:
    """Say which part of the log was looked at, when it was not all of it."""
    if verified.whole:
        return ""
    size = verified.signed.checkpoint.size
    return f" (positions {verified.first} to {verified.last} of {size}: NOT the whole log)"


def _not_checked(verified: Verification) -> list[str]:
    """Return what nobody asked to have checked, or could not be for want of a key."""
    checked = {"payloads": verified.with_keys, "witness": verified.witness_asked}
    return [name for name, done in checked.items() if not done]


def _verdict(verified: Verification) -> str:
    signed, faults = verified.signed, verified.found.count
    verdict = "OK" if verified.ok else f"{faults} FAULT{'S' if faults > 1 else ''}"
    seen = f"{verified.events} events{_range(verified)}, {verified.opened} opened"
    if verified.shredded:
        seen += f", {verified.shredded} with destroyed keys"
    root = "unknown" if verified.root is None else verified.root.hex()
    lines = [f"{verdict}: {seen}; tree of {signed.checkpoint.size}, root {root}"]
    if signed.by_log:
        lines.append(f"signed by {printable(signed.checkpoint.origin)}")
    if signed.cosigned_at is not None:
        lines.append(f"cosigned by the witness at {utc(signed.cosigned_at)}")
    if signed.earlier is not None:
        lines.append(f"compared with the earlier checkpoint of {signed.earlier.size} events")
    lines += [_NOT_CHECKED[name] for name in _not_checked(verified)]
    return "\n".join(lines)
