"""Questions about one invoice: what it was, and what changed."""

import json
from pathlib import Path

import click

from cli.audit import reports
from cli.audit.history import InvoiceHistory, KeyGone, NoSuchInvoice, Unreadable, find_invoice, read_history
from cli.audit.invoice import State, flat
from cli.audit.live_history import read_invoice
from cli.audit.moments import MOMENT, Moment
from cli.audit.opening import (
    OpenLog,
    bundle_argument,
    identity_option,
    json_option,
    log_key_option,
    open_log,
    require_keys,
    running_system,
    whole_log_option,
)
from cli.audit.reach import extent, require_held, require_order, require_reached
from cli.audit.sentences import printable, sentence
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification
from shared.merkle.note import NoteVerifier

_invoice_argument = click.argument("invoice")


@click.command(
    "as-of",
    epilog="\b\nExamples:\n"
    "  tallystick audit as-of INV-000012 2026-11-22T09:00:00Z\n"
    "  tallystick audit as-of INV-000012 812 COPY --identity me.age --log-key KEY\n",
)
@_invoice_argument
@click.argument("moment", type=MOMENT)
@bundle_argument
@log_key_option
@identity_option
@whole_log_option
@json_option
@click.pass_context
def as_of_command(
    context: click.Context,
    *,
    invoice: str,
    moment: Moment,
    bundle: Path | None,
    log_key: NoteVerifier | None,
    identity_file: Path | None,
    whole_log: bool,
    as_json: bool,
) -> None:
    """Show an invoice as it was at a moment. INVOICE is an id or a number."""
    answer = None if whole_log or bundle is not None else _read_streams(log_key, invoice, moment)
    history, verified = answer or _read_log(bundle, identity_file, log_key, invoice, moment)
    state = _state(history, moment, verified)
    if as_json:
        click.echo(json.dumps(state))
    elif not state:
        click.echo(printable(f"{invoice} was not there yet at {moment}"))
    else:
        click.echo(printable(f"{invoice} at {moment}:"))
        for name, value in flat(state).items():
            click.echo(printable(f"  {name}: {value}"))
    if state and "customer_name" not in state:
        click.echo("What the customer is called is not in this copy of the log.", err=True)
    reports.finish(context, verified)


@click.command(
    "diff",
    epilog="\b\nExamples:\n"
    "  tallystick audit diff INV-000012 2026-11-01T00:00:00Z 2026-12-01T00:00:00Z\n"
    "  tallystick audit diff INV-000012 811 812 COPY --identity me.age --log-key KEY\n",
)
@_invoice_argument
@click.argument("earlier", type=MOMENT, metavar="T1")
@click.argument("later", type=MOMENT, metavar="T2")
@bundle_argument
@log_key_option
@identity_option
@whole_log_option
@json_option
@click.pass_context
def diff_command(
    context: click.Context,
    *,
    invoice: str,
    earlier: Moment,
    later: Moment,
    bundle: Path | None,
    log_key: NoteVerifier | None,
    identity_file: Path | None,
    whole_log: bool,
    as_json: bool,
) -> None:
    """Show what changed in an invoice between two moments, and who did it, with which factors, from where."""
    require_order(earlier, later)
    answer = None if whole_log or bundle is not None else _read_streams(log_key, invoice, earlier, later)
    history, verified = answer or _read_log(bundle, identity_file, log_key, invoice, earlier, later)
    if history.until[earlier].last > history.until[later].last:
        raise click.BadParameter(f"in this log {earlier} comes after {later}: name the earlier moment first")
    before, after = flat(_state(history, earlier, verified)), flat(_state(history, later, verified))
    changes = {
        name: (before.get(name), after.get(name)) for name in (before | after) if before.get(name) != after.get(name)
    }
    known = {event.position for event in history.upto(earlier)}
    happened = [event for event in history.upto(later) if event.position not in known]
    if as_json:
        changed = {name: {"before": old, "after": new} for name, (old, new) in changes.items()}
        events = [json.loads(reports.event_json(event)) for event in happened]
        click.echo(json.dumps({"changes": changed, "events": events}))
    else:
        click.echo(printable(f"{invoice} from {earlier} to {later}: {len(changes) or 'no'} changes"))
        for name, (old, new) in changes.items():
            click.echo(printable(f"  {name}: {_shown(old)} -> {_shown(new)}"))
        for event in happened:
            click.echo(sentence(event))
    reports.finish(context, verified)


def _read_streams(
    log_key: NoteVerifier | None, invoice: str, *moments: Moment
) -> tuple[InvoiceHistory, Verification] | None:
    """Return as `_read`, from the streams of a running service alone; None where they do not show that all is well."""
    with running_system() as session:
        answer = read_invoice(session, Trust(log_key), invoice, *moments)
    if answer is None:
        return None
    history, streams = answer
    click.echo(streams.limits(), err=True)
    return history, streams.verification()


def _read_log(
    bundle: Path | None, identity_file: Path | None, log_key: NoteVerifier | None, invoice: str, *moments: Moment
) -> tuple[InvoiceHistory, Verification]:
    """Return as `_read`, from a walk over the whole of a bundle or of a running service's log."""
    with open_log(bundle, "invoices", identity_file, with_keys=True) as log:
        return _read(log, log_key, invoice, *moments)


def _read(
    log: OpenLog, log_key: NoteVerifier | None, invoice: str, *moments: Moment
) -> tuple[InvoiceHistory, Verification]:
    """Return an invoice's events and what verification found, or refuse what the log at hand cannot answer."""
    require_keys(log)
    require_held(log.copy, *moments)
    history, verified = read_history(log, Trust(log_key), find_invoice(log, invoice), *moments)
    if not history.events:
        raise NoSuchInvoice(log.copy, invoice)
    if history.missing and log.copy.first > 0:
        reason = (
            f"what happened to {invoice} begins before position {history.events[0].position}, and {extent(log.copy)}"
        )
        raise click.BadParameter(f"{reason}: what it was cannot be said from a part", param_hint="INVOICE")
    for moment in moments:
        require_reached(log.copy, history.until[moment])
    return history, verified


def _state(history: InvoiceHistory, moment: Moment, verified: Verification) -> State:
    try:
        return history.state(moment)
    except Unreadable as error:
        more = [] if verified.ok else [reports.as_text(verified)]
        if verified.ok and isinstance(error, KeyGone):
            more = ["The log says that it was destroyed; `tallystick audit replay` shows by whose decision."]
        raise click.ClickException("\n".join([str(error), *more])) from None


def _shown(value: str | None) -> str:
    return "(nothing)" if value is None else value
