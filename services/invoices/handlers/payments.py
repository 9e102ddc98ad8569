"""Payments: recorded once, allocated never beyond what they have and what is owed.

An allocation expects the versions of all that it was decided on, in one append: the payment's stream, and for every
invoice its own stream and that of its receivable. Whoever is overtaken decides again on what is so by then.
"""

from collections.abc import Sequence
from decimal import Decimal

from services.invoices.commands.payments import (
    AllocatePayment,
    RecordPayment,
    RefundPayment,
    ReversePayment,
    Share,
    UndoAllocation,
)
from services.invoices.domain import refusals, refusals_of_payments
from services.invoices.domain.bank_line import line_name, require_same_line
from services.invoices.domain.claim import claim_after_reversal
from services.invoices.domain.events.payments import BankLineTaken, PaymentAllocated, PaymentRecorded
from services.invoices.domain.payment import (
    ZERO,
    Payment,
    decide_allocation,
    decide_refund,
    decide_reversal,
    decide_undoing,
    fold_payment,
    payment_after,
    require_payable,
    require_value_date,
)
from services.invoices.domain.receivable import Receivable, receivable_after
from services.invoices.domain.series import bank_line_stream
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.past import recorded_until
from services.invoices.handlers.receivables import Expected, load_receivable
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    customer_stream,
    decode,
    encode,
    load_customer,
    load_payment,
    payment_stream,
    receivable_stream,
)
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, NewEvent, RecordedEvent
from shared.kernel.ids import new_id
from shared.kernel.money import to_cents


@deciding_again
def record_payment(
    ports: Ports, command: RecordPayment, *, tenant: str, command_id: CommandId, allow: Allow
) -> RecordedEvent:
    """Write down money that arrived, and what it is for as far as that is known.

    A bank line that was recorded before is answered with the payment that it became, whoever sends it and with
    whatever key. Raises PublicError customer_unknown, key_shredded, bank_line_differs, value_date_invalid,
    malformed_request, permission_denied, and as `decide_allocation`.
    """
    # Loaded before asking whether the command was carried out, here and below, as when issuing: a command that races
    # itself must not take its own effect for somebody else's.
    receivables = _load_receivables(ports, tenant, command.allocations)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    customer, registered_by = load_customer(ports.log, tenant, command.customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    allow(Facts(registered_by=registered_by))
    decision = _payment_of(command)
    if taken := _taken_line(ports, tenant, decision, command.allocations):
        return taken
    require_value_date(command.value_date, ports.clock.now().date())
    require_payable(decision.amount, decision.currency)
    remembered = still_remembered(ports, tenant, command.customer_id)
    stream = payment_stream(decision.payment_id)
    events = [encode(stream, customer_stream(command.customer_id), decision)]
    expected = {stream: 0, **remembered}
    if decision.external_id is not None:
        line = bank_line_stream(tenant, decision.external_id)
        # Sealed for the business: that the line is taken stays known when the customer is forgotten.
        events.append(encode(line, TENANT_SUBJECT, BankLineTaken(decision.payment_id, len(command.allocations))))
        expected[line] = 0
    events += _allocate(payment_after(None, decision), command.allocations, receivables)
    return ports.log.append(tenant, events, {**expected, **_versions(receivables)}, command_id)[0]


@deciding_again
def allocate_payment(
    ports: Ports, command: AllocatePayment, *, tenant: str, command_id: CommandId, allow: Allow
) -> RecordedEvent:
    """Set parts of a payment against invoices, all or none of them; raises as `decide_allocation`, payment_unknown."""
    payment, version = _known(ports, tenant, command.payment_id)
    receivables = _load_receivables(ports, tenant, command.allocations)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    remembered = _judged(ports, tenant, payment, allow)
    events = _allocate(payment, command.allocations, receivables)
    expected = {payment_stream(command.payment_id): version, **_versions(receivables), **remembered}
    return ports.log.append(tenant, events, expected, command_id)[0]


@deciding_again
def undo_allocation(
    ports: Ports, command: UndoAllocation, *, tenant: str, command_id: CommandId, allow: Allow
) -> RecordedEvent:
    """Take back all that a payment gave to an invoice; PublicError payment_unknown, allocation_unknown."""
    payment, version = _known(ports, tenant, command.payment_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    remembered = _judged(ports, tenant, payment, allow)
    undone, returned = decide_undoing(payment, command.invoice_id, command.reason)
    stream, subject = payment_stream(command.payment_id), customer_stream(payment.recorded.customer_id)
    other = receivable_stream(command.invoice_id)
    expected = {stream: version, other: ports.log.version(tenant, other), **remembered}
    events = [encode(stream, subject, undone), encode(other, subject, returned)]
    return ports.log.append(tenant, events, expected, command_id)[0]


@deciding_again
def refund_payment(ports: Ports, command: RefundPayment, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Write down that free money went back.

    Raises PublicError payment_unknown, payment_reversed, payment_spent, value_date_invalid, malformed_request.
    """
    payment, version = _known(ports, tenant, command.payment_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    require_value_date(command.value_date, ports.clock.now().date())
    remembered = still_remembered(ports, tenant, payment.recorded.customer_id)
    excess = _excess(ports, tenant, payment) if command.amount > payment.free else ZERO
    decision = decide_refund(payment, command.amount, command.value_date, command.reason, excess)
    stream = payment_stream(command.payment_id)
    event = encode(stream, customer_stream(payment.recorded.customer_id), decision)
    return ports.log.append(tenant, [event], {stream: version, **remembered}, command_id)[0]


@deciding_again
def reverse_payment(
    ports: Ports, command: ReversePayment, *, tenant: str, command_id: CommandId, allow: Allow
) -> list[RecordedEvent]:
    """Write down that the bank took a payment back, and every allocation with it; what was refunded is claimed.

    Returns that, what is owed again, and the claim. Raises PublicError payment_unknown, payment_reversed,
    value_date_invalid.
    """
    payment, version = _known(ports, tenant, command.payment_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier
    remembered = _judged(ports, tenant, payment, allow)
    require_value_date(command.value_date, ports.clock.now().date())
    decision, returned = decide_reversal(payment, command.value_date, command.reason)
    stream, subject = payment_stream(command.payment_id), customer_stream(payment.recorded.customer_id)
    events, expected = [encode(stream, subject, decision)], {stream: version, **remembered}
    for each in returned:
        other = receivable_stream(each.invoice_id)
        events.append(encode(other, subject, each))
        expected[other] = ports.log.version(tenant, other)
    if (claim := claim_after_reversal(payment, command.value_date)) is not None:
        claimed = receivable_stream(claim.claim_id)
        events.append(encode(claimed, subject, claim))
        expected[claimed] = 0
    return ports.log.append(tenant, events, expected, command_id)


def get_payment(ports: Ports, *, tenant: str, payment_id: str, allow: Allow, as_of: int | None = None) -> Payment:
    """Return a payment, as it is or as it was when the log ended with a position.

    Raises PublicError payment_unknown, position_unknown, key_shredded, permission_denied.
    """
    recorded = recorded_until(ports, tenant, payment_stream(payment_id), as_of)
    payment = fold_payment(map(decode, recorded))
    if payment is None:
        raise refusals_of_payments.payment_unknown()
    _judged(ports, tenant, payment, allow)
    return payment


def _payment_of(command: RecordPayment) -> PaymentRecorded:
    return PaymentRecorded(
        payment_id=new_id(),
        customer_id=command.customer_id,
        amount=to_cents(command.amount),
        currency=command.currency,
        value_date=command.value_date,
        method=command.method,
        bank_reference=command.bank_reference,
        remittance=command.remittance,
        payer_account=command.payer_account,
        external_id=None if command.external_id is None else line_name(command.external_id),
    )


def _taken_line(ports: Ports, tenant: str, now: PaymentRecorded, shares: Sequence[Share]) -> RecordedEvent | None:
    """Return what the same line of the bank was recorded as, if it was; PublicError bank_line_differs, key_shredded."""
    if now.external_id is None:
        return None
    line = ports.log.load(tenant, bank_line_stream(tenant, now.external_id))
    if not line:
        return None
    taken = decode(line[0])
    if not isinstance(taken, BankLineTaken):
        raise TypeError("a bank line's stream says which payment it became")
    recorded = ports.log.load(tenant, payment_stream(taken.payment_id))
    before, *later = (decode(event) for event in recorded)
    if not isinstance(before, PaymentRecorded):
        raise TypeError("a payment's stream begins with what arrived")
    allocated = [each for each in later if isinstance(each, PaymentAllocated)][: taken.allocations]
    require_same_line(before, allocated, now, [(share.invoice_id, share.amount) for share in shares])
    return recorded[0]


def _known(ports: Ports, tenant: str, payment_id: str) -> tuple[Payment, int]:
    payment, version = load_payment(ports.log, tenant, payment_id)
    if payment is None:
        raise refusals_of_payments.payment_unknown()
    return payment, version


def _excess(ports: Ports, tenant: str, payment: Payment) -> Decimal:
    """Return what of a payment invoices have beyond what they are owed, since a credit note."""
    owed = {each: load_receivable(ports, tenant, each)[0].owed for each in payment.allocated}
    return sum((max(min(-owed[each], given), ZERO) for each, given in payment.allocated.items()), ZERO)


def _judged(ports: Ports, tenant: str, payment: Payment, allow: Allow) -> Expected:
    """Judge whose customer pays, and return what the append has to expect; permission_denied, key_shredded."""
    customer_id = payment.recorded.customer_id
    _, registered_by = load_customer(ports.log, tenant, customer_id)
    allow(Facts(registered_by=registered_by))
    return still_remembered(ports, tenant, customer_id)


Loaded = dict[str, tuple[Receivable, Expected]]
"""By invoice: what is owed, and the versions that say so."""


def _load_receivables(ports: Ports, tenant: str, shares: Sequence[Share]) -> Loaded:
    return {each: load_receivable(ports, tenant, each) for each in sorted({share.invoice_id for share in shares})}


def _versions(receivables: Loaded) -> Expected:
    return {stream: version for _, expected in receivables.values() for stream, version in expected.items()}


def _allocate(payment: Payment, shares: Sequence[Share], loaded: Loaded) -> list[NewEvent]:
    """Return the events of these allocations, each decided on what the ones before it left."""
    events = []
    receivables = {invoice_id: receivable for invoice_id, (receivable, _) in loaded.items()}
    subject, stream = customer_stream(payment.recorded.customer_id), payment_stream(payment.recorded.payment_id)
    for share in shares:
        receivable = receivables[share.invoice_id]
        given, received = decide_allocation(payment, receivable, share.amount)
        payment = payment_after(payment, given)
        receivables[share.invoice_id] = receivable_after(receivable, received)
        events += [encode(stream, subject, given), encode(receivable_stream(share.invoice_id), subject, received)]
    return events
