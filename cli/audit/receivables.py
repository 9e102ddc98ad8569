"""What is owed and what was paid, folded once more from the log: payments, allocations, refunds, reversals, write-offs.

A second opinion on what the invoices service lets happen: it shares no code with it. Both streams that tell of an
allocation are followed, the payment's and that of what is owed, and have to say the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cli.audit.following import Follower, Payload, Reasons, remembered

_NOTHING = Decimal("0.00")


@dataclass(slots=True)
class Bill:
    """What an invoice or a claim is owed; a few hundred bytes."""

    customer_id: str
    currency: str
    payable: Decimal
    credited: Decimal = _NOTHING
    written_off: Decimal = _NOTHING
    waived: Decimal = _NOTHING
    received: dict[str, Decimal] = field(default_factory=dict)
    """By payment."""

    @property
    def owed(self) -> Decimal:
        """Return what is owed still; below zero when a credit note came after the payment."""
        paid = sum(self.received.values(), _NOTHING)
        return self.payable - self.credited - self.written_off - self.waived - paid

    @property
    def shown(self) -> dict[str, str]:
        """Return what `get_receivable` has to say of it."""
        paid = sum(self.received.values(), _NOTHING)
        amounts = {"payable": self.payable, "credited": self.credited, "paid": paid, "written_off": self.written_off}
        return {name: str(amount) for name, amount in {**amounts, "waived": self.waived}.items()}

    @property
    def as_issued(self) -> bool:
        """Tell whether nothing became of it yet."""
        return not (self.received or self.credited or self.written_off or self.waived)


@dataclass(slots=True)
class Paid:
    """A payment."""

    customer_id: str
    currency: str
    amount: Decimal
    refunded: Decimal = _NOTHING
    reversed: bool = False
    allocated: dict[str, Decimal] = field(default_factory=dict)
    """By invoice or claim."""

    @property
    def free(self) -> Decimal:
        """Return what is neither allocated nor refunded."""
        return _NOTHING if self.reversed else self.amount - self.refunded - sum(self.allocated.values(), _NOTHING)


@dataclass(slots=True)
class CreditNote:
    """What a credit note gives."""

    customer_id: str
    currency: str
    payable: Decimal
    refunded: Decimal = _NOTHING
    names_invoice: bool = False
    """What it gives stays with that invoice then."""

    @property
    def free(self) -> Decimal:
        """Return what of it is the customer's and was not refunded."""
        return _NOTHING if self.names_invoice else self.payable - self.refunded


class Receivables(Follower):
    """Takes the events of an invoices log in order; yields what cannot have happened."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self.bills: dict[str, Bill] = {}
        self.payments: dict[str, Paid] = {}
        self.credit_notes: dict[str, CreditNote] = {}
        super().__init__(
            {
                "InvoiceIssued": self._issue,
                "InvoiceCredited": self._credit,
                "CreditNoteIssued": self._issue_credit,
                "CreditNoteRefunded": self._refund_credit,
                "ClaimRaised": self._claim,
                "ClaimWaived": self._waive,
                "PaymentRecorded": self._record,
                "PaymentAllocated": self._allocate,
                "AllocationReceived": self._receive,
                "AllocationUndone": self._undo,
                "AllocationReturned": self._return,
                "PaymentRefunded": self._refund,
                "PaymentReversed": self._reverse,
                "InvoiceWrittenOff": self._write_off,
                "WriteOffReversed": self._expect_again,
                "SubjectShredded": self._forget,
            }
        )

    def differing(self) -> Reasons:
        """Yield, at the end of the log, every allocation that only one of its two streams tells of."""
        for payment_id, payment in self.payments.items():
            for bill_id, amount in payment.allocated.items():
                bill = self.bills.get(bill_id)
                if bill is not None and bill.received.get(payment_id, _NOTHING) != amount:
                    yield f"payment {payment_id} gave {amount} to {bill_id}, which does not say so"

    def _issue(self, payload: Payload) -> Reasons:
        payable = Decimal(payload["totals"]["payable"])
        self.bills[payload["invoice_id"]] = Bill(payload["customer"]["customer_id"], payload["currency"], payable)
        yield from ()

    def _claim(self, payload: Payload) -> Reasons:
        if payload["claim_id"] in self.bills:
            yield "this was claimed before"
        self.bills[payload["claim_id"]] = Bill(payload["customer_id"], payload["currency"], Decimal(payload["amount"]))

    def _waive(self, payload: Payload) -> Reasons:
        for bill in self._bill(payload["claim_id"]):
            if Decimal(payload["amount"]) != bill.owed:
                yield f"it waives {payload['amount']} where {bill.owed} is owed"
            bill.waived += Decimal(payload["amount"])
        yield from self._require(payload["claim_id"], self.bills)

    def _credit(self, payload: Payload) -> Reasons:
        # Whether so much can be credited is compared with the credit note (owed.py).
        for bill in self._bill(payload["invoice_id"]):
            before, gross = bill.credited, Decimal(payload["credit"]["gross"])
            bill.credited = bill.payable if payload.get("cancels") else before + gross
            # What is credited was not given up.
            bill.written_off -= min(bill.written_off, bill.credited - before)
        if note := self.credit_notes.get(payload["credit_note_id"]):
            note.names_invoice = True
        yield from ()

    def _issue_credit(self, payload: Payload) -> Reasons:
        whose, payable = payload["customer"]["customer_id"], Decimal(payload["totals"]["payable"])
        self.credit_notes[payload["invoice_id"]] = CreditNote(whose, payload["currency"], payable)
        yield from ()

    def _refund_credit(self, payload: Payload) -> Reasons:
        amount = Decimal(payload["amount"])
        yield from self._require(payload["invoice_id"], self.credit_notes)
        if note := self.credit_notes.get(payload["invoice_id"]):
            if not 0 < amount <= note.free:
                yield f"it refunds {amount} of a credit note of which {note.free} is free"
            note.refunded += amount

    def _record(self, payload: Payload) -> Reasons:
        if payload["payment_id"] in self.payments:
            yield "this payment was recorded before"
        amount = Decimal(payload["amount"])
        if amount <= 0:
            yield "it is over nothing"
        self.payments[payload["payment_id"]] = Paid(payload["customer_id"], payload["currency"], amount)

    def _allocate(self, payload: Payload) -> Reasons:
        amount = Decimal(payload["amount"])
        yield from self._require(payload["payment_id"], self.payments)
        for payment in self._payment(payload["payment_id"]):
            if payment.reversed:
                yield "it allocates of a payment that the bank took back"
            if not 0 < amount <= payment.free:
                yield f"it allocates {amount} of a payment of which {payment.free} is free"
            before = payment.allocated.get(payload["invoice_id"], _NOTHING)
            payment.allocated[payload["invoice_id"]] = before + amount

    def _receive(self, payload: Payload) -> Reasons:
        amount, payment_id = Decimal(payload["amount"]), payload["payment_id"]
        yield from self._require(payload["invoice_id"], self.bills)
        for bill in self._bill(payload["invoice_id"]):
            if not 0 < amount <= bill.owed:
                yield f"it counts {amount} as paid where {bill.owed} is owed"
            bill.received[payment_id] = bill.received.get(payment_id, _NOTHING) + amount
            for payment in self._payment(payment_id):
                if (payment.customer_id, payment.currency) != (bill.customer_id, bill.currency):
                    yield "the payment is another customer's, or in another currency"
                if payment.allocated.get(payload["invoice_id"]) != bill.received[payment_id]:
                    yield "it counts as paid what the payment did not give"

    def _undo(self, payload: Payload) -> Reasons:
        for payment in self._payment(payload["payment_id"]):
            if payment.allocated.pop(payload["invoice_id"], None) != Decimal(payload["amount"]):
                yield "it takes back what the payment did not give"

    def _return(self, payload: Payload) -> Reasons:
        for bill in self._bill(payload["invoice_id"]):
            if bill.received.pop(payload["payment_id"], None) != Decimal(payload["amount"]):
                yield "it counts as owed again what was not paid"
        for payment in self._payment(payload["payment_id"]):
            if payload["invoice_id"] in payment.allocated:
                yield "it counts as owed again what the payment still gives"

    def _refund(self, payload: Payload) -> Reasons:
        amount = Decimal(payload["amount"])
        yield from self._require(payload["payment_id"], self.payments)
        for payment in self._payment(payload["payment_id"]):
            if not 0 < amount <= payment.free:
                yield f"it refunds {amount} of a payment of which {payment.free} is free"
            payment.refunded += amount

    def _reverse(self, payload: Payload) -> Reasons:
        yield from self._require(payload["payment_id"], self.payments)
        for payment in self._payment(payload["payment_id"]):
            if payment.reversed:
                yield "the bank took it back before"
            payment.reversed = True
            payment.allocated.clear()

    def _write_off(self, payload: Payload) -> Reasons:
        amount = Decimal(payload["amount"])
        yield from self._require(payload["invoice_id"], self.bills)
        for bill in self._bill(payload["invoice_id"]):
            if amount != bill.owed or bill.written_off:
                yield f"it writes off {amount} where {bill.owed} is owed"
            bill.written_off = amount

    def _expect_again(self, payload: Payload) -> Reasons:
        for bill in self._bill(payload["invoice_id"]):
            if not bill.written_off:
                yield "nothing was written off"
            bill.written_off = _NOTHING

    def _forget(self, payload: Payload) -> Reasons:
        """Drop what the destroyed key protected."""
        self.bills, self.payments = remembered(self.bills, payload), remembered(self.payments, payload)
        self.credit_notes = remembered(self.credit_notes, payload)
        yield from ()

    def _bill(self, bill_id: str) -> Iterator[Bill]:
        if bill_id in self.bills:
            yield self.bills[bill_id]

    def _payment(self, payment_id: str) -> Iterator[Paid]:
        if payment_id in self.payments:
            yield self.payments[payment_id]

    def _require(self, name: str, known: Mapping[str, object]) -> Reasons:
        if self._whole and name not in known:
            yield "what it is about was never issued or recorded"
