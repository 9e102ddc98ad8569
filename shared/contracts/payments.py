"""Requests and replies about payments and what is owed. Amounts are decimal strings with at most two decimals."""

from decimal import Decimal

from marshmallow import Schema, ValidationError, fields, validate

from shared.contracts.fields import (
    as_of_field,
    currency_field,
    date_field,
    decimal_field,
    iban_field,
    lines_field,
    text_field,
    uuid_field,
)
from shared.contracts.log import receipt
from shared.contracts.reminders import HoldSchema, ReminderSchema

_MOST_ALLOCATIONS = 100
METHODS = ("transfer", "direct_debit", "card", "cash", "other")
PAYMENT_STATES = ("open", "partly_paid", "paid", "overdue", "credited", "written_off", "waived")
GROUNDS = ("number", "reference", "amount")


def _amount_field() -> fields.String:
    """Return a field for an amount above zero, in hundredths."""
    return decimal_field(12, 2, amount_rule=_above_zero)


def _above_zero(amount: Decimal) -> None:
    if amount == 0:
        raise ValidationError("Not above zero.")


def _reason_field() -> fields.String:
    return text_field(200)


class AllocationSchema(Schema):
    """How much of a payment is for which invoice, or claim: its id stands in the place of an invoice's."""

    invoice_id = uuid_field()
    amount = _amount_field()


def _allocations_rule(least: int) -> validate.Length:
    return validate.Length(min=least, max=_MOST_ALLOCATIONS)


class RecordPaymentRequest(Schema):
    """Money of a customer that arrived, and what it is for as far as that is known."""

    customer_id = uuid_field()
    amount = _amount_field()
    currency = currency_field()
    value_date = date_field()
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    bank_reference = text_field(140, required=False)
    remittance = lines_field(1000)
    payer_account = iban_field(required=False)
    external_id = text_field(140, required=False)
    """Name of the line in the bank's statement: sent again, it is the same payment."""
    allocations = fields.List(fields.Nested(AllocationSchema), validate=_allocations_rule(0))


class PaymentReceipt(Schema):
    """Where the log recorded it."""

    payment_id = uuid_field()
    position = fields.Integer(required=True)
    receipt = receipt()


class AllocatePaymentRequest(Schema):
    """Parts of a payment for invoices: all are allocated, or none."""

    payment_id = uuid_field()
    allocations = fields.List(fields.Nested(AllocationSchema), required=True, validate=_allocations_rule(1))


class UndoAllocationRequest(Schema):
    """All that a payment gave to an invoice is taken back."""

    payment_id = uuid_field()
    invoice_id = uuid_field()
    reason = _reason_field()


class RefundPaymentRequest(Schema):
    """Money that was free and went back to the customer."""

    payment_id = uuid_field()
    amount = _amount_field()
    value_date = date_field()
    reason = _reason_field()


class RefundCreditNoteRequest(Schema):
    """Money that went back to the customer for a credit note that names no invoice of the business."""

    invoice_id = uuid_field()
    """The credit note's."""
    amount = _amount_field()
    value_date = date_field()
    reason = _reason_field()


class ReversePaymentRequest(Schema):
    """A payment that the bank took back."""

    payment_id = uuid_field()
    value_date = date_field()
    reason = _reason_field()


class OwedAgainSchema(Schema):
    """What a payment had given to an invoice, or to a claim."""

    invoice_id = uuid_field()
    amount = fields.String(required=True, metadata={"description": "owed again"})


class ReversalReceipt(PaymentReceipt):
    """Where the log recorded it, and what is open again."""

    owed_again = fields.List(
        fields.Nested(OwedAgainSchema),
        required=True,
        metadata={"description": "invoices, deposits that were deducted since among them, and claims"},
    )
    refund_claim = uuid_field(required=False)
    """What was refunded of it: owed under this id, as an invoice is."""


class GetPaymentRequest(Schema):
    """Which payment."""

    payment_id = uuid_field()
    as_of = as_of_field()


class PaymentReply(Schema):
    """A payment and what became of it."""

    payment_id = uuid_field()
    customer_id = uuid_field()
    amount = fields.String(required=True)
    currency = fields.String(required=True)
    value_date = fields.String(required=True)
    method = fields.String(required=True)
    bank_reference = fields.String()
    remittance = fields.String()
    payer_account = fields.String()
    external_id = fields.String()
    allocations = fields.List(fields.Nested(AllocationSchema), required=True)
    refunded = fields.String(required=True)
    free = fields.String(required=True, metadata={"description": "neither allocated nor refunded"})
    reversed = fields.Boolean(required=True)
    refund_claim = uuid_field(required=False)
    """What was refunded of a payment that the bank took back: owed under this id, as an invoice is."""


class SuggestAllocationsRequest(Schema):
    """For which payment."""

    payment_id = uuid_field()


class SuggestionSchema(Schema):
    """An invoice, how much of the payment it may get, and what speaks for it."""

    invoice_id = uuid_field()
    number = fields.String(required=True)
    amount = fields.String(required=True)
    grounds = fields.List(fields.String(validate=validate.OneOf(GROUNDS)), required=True)


class SuggestAllocationsReply(Schema):
    """Suggestions, best first; nothing is booked."""

    suggestions = fields.List(fields.Nested(SuggestionSchema), required=True)


class GetReceivableRequest(Schema):
    """Which invoice or claim, and how it stands on which day; without a day, today (UTC)."""

    invoice_id = uuid_field()
    day = date_field(required=False)


class ReceivedSchema(Schema):
    """What a payment gave."""

    payment_id = uuid_field()
    amount = fields.String(required=True)


class DeductingSchema(Schema):
    """The invoice that deducts a deposit."""

    invoice_id = uuid_field()
    number = fields.String(required=True, metadata={"description": "BT-1"})


class DeductedSchema(DeductingSchema):
    """A deposit that an invoice deducts."""

    owed = fields.String(required=True, metadata={"description": "of the deposit: above zero after a reversal"})


class ReceivableReply(Schema):
    """What an issued invoice, or a claim, is owed."""

    invoice_id = uuid_field()
    state = fields.String(required=True, validate=validate.OneOf(PAYMENT_STATES))
    currency = fields.String(required=True)
    due_date = fields.String(required=True, metadata={"description": "BT-9, or what follows from the terms"})
    days_overdue = fields.Integer(required=True)
    payable = fields.String(required=True, metadata={"description": "BT-115"})
    credited = fields.String(required=True)
    paid = fields.String(required=True)
    written_off = fields.String(required=True)
    owed = fields.String(required=True, metadata={"description": "not below zero"})
    excess = fields.String(required=True, metadata={"description": "paid beyond what a credit note left"})
    received = fields.List(fields.Nested(ReceivedSchema), required=True)
    waived = fields.String(required=True, metadata={"description": "given up, of a claim"})
    reminders = fields.List(fields.Nested(ReminderSchema), required=True, metadata={"description": "first to last"})
    reminders_held = fields.Nested(HoldSchema, metadata={"description": "absent when nobody holds them back"})
    deducted_by = fields.Nested(
        DeductingSchema, metadata={"description": "of a quote's deposit: the invoice that deducts it and still stands"}
    )
    deducts = fields.List(
        fields.Nested(DeductedSchema), required=True, metadata={"description": "the deposits that it deducts"}
    )


class WriteOffRequest(Schema):
    """From which invoice nothing more is expected, or is again."""

    invoice_id = uuid_field()
    reason = _reason_field()


class ReceivableReceipt(Schema):
    """Where the log recorded it."""

    invoice_id = uuid_field()
    position = fields.Integer(required=True)
    receipt = receipt()
