"""What was found, as text and as JSON."""

import json
from datetime import UTC, datetime

import click
from msgspec import structs

from cli.audit.sentences import printable
from shared.eventstore.faults import Fault
from shared.eventstore.model import RecordedEvent
from shared.eventstore.verification import Verification

_MOST_SHOWN = 100


def as_text(verified: Verification) -> str:
    """Return a line for each fault (the first hundred) and a verdict."""
    lines = [_fault_line(fault) for fault in verified.faults[:_MOST_SHOWN]]
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
            "root": None if verified.root is None else verified.root.hex(),
            "signed_by_log": signed.by_log,
            "cosigned_at": signed.cosigned_at,
            "events": verified.events,
            "opened": verified.opened,
            "shredded": verified.shredded,
            "fault_count": verified.found.count,
            "faults": [
                {"kind": fault.kind, "position": fault.position, "reason": fault.reason} for fault in verified.faults
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


def _fault_line(fault: Fault) -> str:
    where = "whole log" if fault.position is None else f"position {fault.position}"
    return printable(f"{where}: {fault.kind}: {fault.reason}")


def _verdict(verified: Verification) -> str:
    signed, faults = verified.signed, verified.found.count
    verdict = "OK" if verified.ok else f"{faults} FAULT{'S' if faults > 1 else ''}"
    seen = f"{verified.events} events, {verified.opened} opened"
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
    return "\n".join(lines)
