"""Requests and replies of reports (docs/reports.md). Amounts are decimal strings with two decimals."""

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.fields import (
    after_field,
    answered_as_of_field,
    as_of_field,
    currency_field,
    date_field,
    next_page_field,
    optional_uuid_field,
    page_after_field,
    uuid_field,
)
from shared.contracts.lists import day_field, limit_field

PERIODS = ("month", "quarter", "year", "whole")
BASES = ("issue_date", "supply_date", "tax_point")
BUCKETS = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
ENTRIES = (
    *("invoice", "prepayment_invoice", "credit_note", "payment", "refund", "payment_reversed"),
    *("write_off", "write_off_reversed", "claim", "claim_waived"),
)
ITEMS = ("invoice", "prepayment_invoice", "reminder_claim", "refund_claim")
_MOST_YEARS = 20


def _text(description: str, *, required: bool = True) -> fields.String:
    return fields.String(required=required, metadata={"description": description})


def _count(description: str) -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": description})


class _Paged(Schema):
    after = after_field()
    as_of = as_of_field()
    page_after = page_after_field()
    limit = limit_field()


class _Days(_Paged):
    """From the first to the last day, both included."""

    first_day = date_field(description="from this day on")
    last_day = date_field(description="up to this day")
    per = fields.String(
        load_default="month",
        validate=validate.OneOf(PERIODS),
        metadata={"description": "by which periods it is divided; those at the ends may be cut"},
    )

    @validates_schema
    def _days_are_in_order(self, data: Mapping[str, str], **_: object) -> None:
        if data["last_day"] < data["first_day"]:
            raise ValidationError("Before the first day.", "last_day")
        if int(data["last_day"][:4]) - int(data["first_day"][:4]) > _MOST_YEARS:
            raise ValidationError(f"More than {_MOST_YEARS} years.", "last_day")


class VatReportRequest(_Days):
    """Of which time, and by which day a document belongs to it."""

    basis = fields.String(
        load_default="issue_date",
        validate=validate.OneOf(BASES),
        metadata={
            "description": "`supply_date`: by BT-72, else BT-74; `tax_point`: by BT-7, or by what BT-8 names (of the"
            " payment: the issue, marked in the rows); else the issue date (BT-2)"
        },
    )


class _OfPeriod(Schema):
    first_day = _text("of the period")
    last_day = _text("of the period")
    currency = currency_field()


class VatRow(_OfPeriod):
    """What was taxed in a period in one category, at one rate, in one currency; credit notes subtract."""

    category = _text("BT-118")
    rate = _text("BT-119, in percent")
    documents = _count("how many documents have such a part")
    taxable_amount = _text("sum of BT-116")
    tax_amount = _text("sum of BT-117")
    accounting_currency = _text("BT-6, where the documents name one", required=False)
    accounting_tax_amount = _text("the tax in that currency; all rows together are BT-111", required=False)
    due_on_payment = fields.Boolean(
        metadata={"description": "with `tax_point`, true: the VAT is due with payment (BT-8); counted at issue"}
    )


class VatReportReply(Schema):
    """By period, category, rate and currencies."""

    rows = fields.List(fields.Nested(VatRow), required=True, metadata={"description": "in order"})
    as_of = answered_as_of_field()
    next_page = next_page_field()


class RevenueRequest(_Days):
    """Of which time, by issue date."""


class RevenueRow(_OfPeriod):
    """What was invoiced in a period in one currency, less what was credited."""

    invoices = _count("how many invoices")
    prepayment_invoices = _count("how many prepayment invoices; their sums are among the others")
    credit_notes = _count("how many credit notes")
    net = _text("sum of BT-109")
    vat = _text("sum of BT-110")
    gross = _text("sum of BT-112")


class RevenueReply(Schema):
    """By period and currency."""

    rows = fields.List(fields.Nested(RevenueRow), required=True, metadata={"description": "in order"})
    as_of = answered_as_of_field()
    next_page = next_page_field()


class OpenItemsRequest(_Paged):
    """What is owed, and how late it is on a day."""

    customer_id = optional_uuid_field()
    currency = currency_field(required=False)
    day = day_field()


class OpenItem(Schema):
    """An issued invoice, or a claim, on which something is owed."""

    kind = fields.String(required=True, validate=validate.OneOf(ITEMS), metadata={"description": "what it is"})
    invoice_id = uuid_field()
    customer_id = uuid_field()
    customer_name = _text("as the invoice has it; of a claim, as they were called when it arose")
    number = _text("BT-1; of a reminder's claim, of the invoice reminded of", required=False)
    issue_date = _text("BT-2; of a claim, from which day on it is owed")
    due_date = _text("BT-9, or what follows from the terms; of a claim, until when it is to be paid")
    currency = currency_field()
    payable = _text("BT-115; what was claimed")
    deducted_by = _text("of a prepayment invoice: number of the invoice that deducts it all the same", required=False)
    owed = _text("what is left of it")
    days_overdue = _count("0 up to the due date")
    bucket = fields.String(
        required=True, validate=validate.OneOf(BUCKETS), metadata={"description": "how late, in classes"}
    )


class OpenItemsReply(Schema):
    """The longest due first."""

    items = fields.List(fields.Nested(OpenItem), required=True, metadata={"description": "in order"})
    as_of = answered_as_of_field()
    next_page = next_page_field()


class AgedSums(Schema):
    """What is owed in one currency, by how many days it is late."""

    currency = currency_field()
    not_due = _text("not late")
    days_1_30 = _text("1 to 30 days late")
    days_31_60 = _text("31 to 60 days late")
    days_61_90 = _text("61 to 90 days late")
    days_over_90 = _text("more than 90 days late")
    owed = _text("all of it")


class AgedCustomer(AgedSums):
    """The same of one customer."""

    customer_id = uuid_field()
    customer_name = _text("as the last of the invoices, or claims, has it")


class AgingReply(Schema):
    """In sum, and by customer, in the order of their names."""

    totals = fields.List(fields.Nested(AgedSums), required=True, metadata={"description": "by currency"})
    customers = fields.List(fields.Nested(AgedCustomer), required=True, metadata={"description": "in order"})
    as_of = answered_as_of_field()
    next_page = next_page_field()


class StatementRequest(_Paged):
    """Whose account, and between which days; without a day it is open on that side."""

    customer_id = uuid_field()
    first_day = date_field(required=False, description="from this day on")
    last_day = date_field(required=False, description="up to this day")

    @validates_schema
    def _days_are_in_order(self, data: Mapping[str, str], **_: object) -> None:
        if data.get("last_day", "9") < data.get("first_day", "0"):
            raise ValidationError("Before the first day.", "last_day")


class Balance(Schema):
    """What a customer owes in one currency; below zero: what they are owed."""

    currency = currency_field()
    opening = _text("before the first day")
    charged = _text("sum of what counted up: documents, claims, and money that went back")
    received = _text("sum of what counted down: money, credit notes, and what was written off or waived")
    closing = _text("after the last day")


class ClaimPaid(Schema):
    """What a payment gave to a claim."""

    claim_id = uuid_field()
    amount = _text("of the payment")


class StatementEntry(Schema):
    """What changed the account."""

    day = _text("issue date, value date, the reminder's day, or when it was written off or waived")
    kind = fields.String(required=True, validate=validate.OneOf(ENTRIES), metadata={"description": "what it was"})
    currency = currency_field()
    amount = _text("above zero: charged; below: received or credited")
    balance = _text("in its currency, after it")
    position = _count("where the log has it")
    invoice_id = uuid_field(required=False)
    number = _text("of the document, or of the one that was reminded of", required=False)
    payment_id = uuid_field(required=False)
    claim_id = uuid_field(required=False)
    fee = _text("of a claim, where it is not zero", required=False)
    interest = _text("of a claim, where it is not zero", required=False)
    compensation = _text("of a claim, where it is not zero", required=False)
    claims_paid = fields.List(fields.Nested(ClaimPaid), metadata={"description": "which claims the payment paid"})


class StatementReply(Schema):
    """Balances of the whole time, and a page of the entries, in the order of their days."""

    customer_id = uuid_field()
    customer_name = _text("what the customer is called now")
    balances = fields.List(fields.Nested(Balance), required=True, metadata={"description": "by currency"})
    entries = fields.List(fields.Nested(StatementEntry), required=True, metadata={"description": "in order"})
    as_of = answered_as_of_field()
    next_page = next_page_field()


class ListPaymentsRequest(_Paged):
    """Whose payments; everybody's without a customer."""

    customer_id = optional_uuid_field()


class PaymentSummary(Schema):
    """A payment and what of it is free."""

    payment_id = uuid_field()
    customer_id = uuid_field()
    amount = _text("what arrived")
    currency = currency_field()
    value_date = _text("from which day the bank counts it")
    method = _text("how it came")
    allocated = _text("given to invoices and claims")
    refunded = _text("given back")
    free = _text("neither allocated nor refunded")
    reversed = fields.Boolean(required=True, metadata={"description": "whether the bank took it back"})


class ListPaymentsReply(Schema):
    """In the order in which they were recorded."""

    payments = fields.List(fields.Nested(PaymentSummary), required=True, metadata={"description": "in order"})
    as_of = answered_as_of_field()
    next_page = next_page_field()
