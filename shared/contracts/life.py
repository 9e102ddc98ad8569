"""Requests and replies about changing, discarding, duplicating and correcting documents.

`expected_version` is the version that `get_invoice` showed: when the document changed since, the command is refused
(`concurrent_change`) instead of undoing what somebody else wrote.
"""

from marshmallow import Schema, fields, validate

from shared.contracts.content import DraftedContentSchema
from shared.contracts.fields import decimal_field, uuid_field, version_field
from shared.contracts.invoices import DraftInvoiceReply
from shared.contracts.log import receipt
from shared.contracts.totals import TotalsSchema


class ChangeDraftRequest(Schema):
    """What a draft is to say: all of it, for the customer that it has."""

    invoice_id = uuid_field()
    expected_version = version_field()
    content = fields.Nested(DraftedContentSchema, required=True)


class ChangeDraftReply(DraftInvoiceReply):
    """The draft, its new version and its sums."""


class DiscardDraftRequest(Schema):
    """Which draft will never be issued."""

    invoice_id = uuid_field()
    expected_version = version_field(required=False)


class DiscardDraftReply(Schema):
    """Where the log recorded it."""

    invoice_id = uuid_field()
    position = fields.Integer(required=True)
    receipt = receipt()


class DuplicateInvoiceRequest(Schema):
    """Which document to write once more: as of today, without references and what was paid."""

    invoice_id = uuid_field()


class CreditedLineSchema(Schema):
    """A line of the invoice, from 0, and how much of it; without a quantity all of it."""

    line = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    quantity = decimal_field(9, 4, signed=True, required=False)


class CreditInvoiceRequest(Schema):
    """Which issued invoice is taken back: all that is left of it, or these lines."""

    invoice_id = uuid_field()
    expected_version = version_field(required=False)
    lines = fields.List(fields.Nested(CreditedLineSchema), validate=validate.Length(min=1, max=1000))


class ReplaceInvoiceRequest(Schema):
    """Which issued invoice is taken back in full, and written anew."""

    invoice_id = uuid_field()
    expected_version = version_field(required=False)


class WrittenDraftSchema(Schema):
    """A new draft and its sums."""

    invoice_id = uuid_field()
    position = fields.Integer(required=True)
    version = fields.Integer(required=True)
    totals = fields.Nested(TotalsSchema, required=True)


class ReplaceInvoiceReply(Schema):
    """Two drafts; each is issued, or changed before."""

    credit_note = fields.Nested(WrittenDraftSchema, required=True)
    invoice = fields.Nested(WrittenDraftSchema, required=True)
    position = fields.Integer(required=True)
    receipt = receipt()
