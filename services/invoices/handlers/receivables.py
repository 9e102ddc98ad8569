"""What invoices are owed: how they stand, and writing off."""

from datetime import date

from services.invoices.commands.payments import ReverseWriteOff, WriteOff
from services.invoices.domain import refusals, refusals_of_files, refusals_of_payments
from services.invoices.domain.claim import claimed_in
from services.invoices.domain.document.terms import due_date
from services.invoices.domain.events import Event, InvoiceIssued
from services.invoices.domain.receivable import (
    Receivable,
    Standing,
    decide_reversed_write_off,
    decide_write_off,
    fold_receivable,
    standing,
)
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    customer_stream,
    decode,
    encode,
    invoice_stream,
    load_customer,
    load_invoice,
    receivable_stream,
)
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.eventstore.model import CommandId, NewEvent, RecordedEvent

Expected = dict[str, int]
"""Versions that an append expects."""


def load_receivable(ports: Ports, tenant: str, invoice_id: str) -> tuple[Receivable, Expected]:
    """Return what an invoice or a claim is owed, and what an append has to expect so that this is still so.

    The invoice's own stream is among it: whatever happens to the invoice meanwhile, what it is owed is asked again.
    Raises PublicError invoice_unknown, invoice_not_issued, nothing_owed (a credit note).
    """
    recorded = ports.log.load(tenant, receivable_stream(invoice_id))
    became = [decode(event) for event in recorded]
    if (claim := claimed_in(became)) is not None:
        return claim, {receivable_stream(invoice_id): len(recorded)}
    invoice, version = load_invoice(ports.log, tenant, invoice_id)
    if invoice is None:
        raise refusals.invoice_unknown()
    if invoice.issued is None:
        raise refusals_of_files.not_issued()
    if not isinstance(invoice.issued, InvoiceIssued):
        raise refusals_of_payments.nothing_owed()
    customer = invoice.issued.customer
    receivable = Receivable(
        invoice_id,
        customer.customer_id,
        invoice.issued.currency,
        due_date(invoice.draft.content, customer),
        invoice.issued.totals.payable,
        credited=invoice.no_longer_owed,
    )
    expected = {invoice_stream(invoice_id): version, receivable_stream(invoice_id): len(recorded)}
    return fold_receivable(receivable, became), expected


def get_receivable(
    ports: Ports, *, tenant: str, invoice_id: str, day: date, allow: Allow
) -> tuple[Receivable, Standing]:
    """Return what an invoice is owed and how it stands on a day; raises as `load_receivable`, permission_denied."""
    receivable, _ = load_receivable(ports, tenant, invoice_id)
    _, registered_by = load_customer(ports.log, tenant, receivable.customer_id)
    allow(Facts(registered_by=registered_by))
    return receivable, standing(receivable, day)


@deciding_again
def write_off(ports: Ports, command: WriteOff, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Expect no more money for an invoice; raises as `load_receivable`, nothing_owed."""
    receivable, expected = load_receivable(ports, tenant, command.invoice_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    event = _encoded(receivable, decide_write_off(receivable, command.reason))
    remembered = still_remembered(ports, tenant, receivable.customer_id)
    return ports.log.append(tenant, [event], {**expected, **remembered}, command_id)[0]


@deciding_again
def reverse_write_off(ports: Ports, command: ReverseWriteOff, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Expect again what was written off; raises as `load_receivable`, nothing_written_off."""
    receivable, expected = load_receivable(ports, tenant, command.invoice_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    event = _encoded(receivable, decide_reversed_write_off(receivable, command.reason))
    remembered = still_remembered(ports, tenant, receivable.customer_id)
    return ports.log.append(tenant, [event], {**expected, **remembered}, command_id)[0]


def _encoded(receivable: Receivable, decision: Event) -> NewEvent:
    return encode(receivable_stream(receivable.invoice_id), customer_stream(receivable.customer_id), decision)
