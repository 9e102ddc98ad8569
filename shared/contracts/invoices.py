"""Requests and replies about documents. Fields that are not declared here are refused.

What a document says is in content.py, its amounts are in totals.py. Ids are lower-case UUIDs.
"""

from marshmallow import Schema, fields, validate

from shared.contracts.conditions import STATES
from shared.contracts.content import ContentSchema, DraftedContentSchema
from shared.contracts.fields import after_field, as_of_field, uuid_field, version_field
from shared.contracts.log import receipt
from shared.contracts.totals import TotalsSchema


class DraftInvoiceRequest(DraftedContentSchema):
    """A document to be issued later."""


class DraftInvoiceReply(Schema):
    """The new draft and its sums."""

    invoice_id = uuid_field()
    position = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata={"description": "what `expected_version` is compared with"})
    totals = fields.Nested(TotalsSchema, required=True)
    receipt = receipt()


class IssueInvoiceRequest(Schema):
    """Which draft to issue; `expected_version`: as it was read, refused (`concurrent_change`) when it changed since."""

    invoice_id = uuid_field()
    expected_version = version_field(required=False)


class IssueInvoiceReply(Schema):
    """The number it got; its document follows, at the latest when `DocumentArchived` is published."""

    invoice_id = uuid_field()
    number = fields.String(required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class GetInvoiceRequest(Schema):
    """One invoice; `after`: wait until the read model holds this log position."""

    invoice_id = uuid_field()
    after = after_field()
    as_of = as_of_field()


class CreditNoteSchema(Schema):
    """A credit note that takes back of an invoice."""

    invoice_id = uuid_field()
    """The credit note's."""
    number = fields.String(required=True)
    gross = fields.String(required=True, metadata={"description": "what it takes back, with VAT (its BT-112)"})


class CreditRefundSchema(Schema):
    """Money that went back for a credit note that names no invoice."""

    amount = fields.String(required=True, metadata={"description": "what went back"})
    day = fields.String(required=True, metadata={"description": "its value date, ISO 8601"})
    position = fields.Integer(required=True, metadata={"description": "where the log has it"})


class InvoiceReply(Schema):
    """Everything about one document: `number` and `issued_at` once it is issued, `digest` once its PDF is archived."""

    invoice_id = uuid_field()
    customer_name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    version = fields.Integer(required=True, metadata={"description": "what `expected_version` is compared with"})
    content = fields.Nested(ContentSchema, required=True)
    """As it was drafted, or changed last; what was left out, or given the value that it has anyway, is left out."""
    totals = fields.Nested(TotalsSchema, required=True)
    number = fields.String()
    digest = fields.String()
    issued_at = fields.String()
    credit_notes = fields.List(fields.Nested(CreditNoteSchema))
    """By which it was credited."""
    refunds = fields.List(fields.Nested(CreditRefundSchema))
    """Of a credit note that names no invoice: what was paid out of it."""


class GetDocumentRequest(Schema):
    """Whose document, and in which form: the PDF with its XML inside, that XML by itself (CII), or UBL."""

    invoice_id = uuid_field()
    form = fields.String(load_default="pdf", validate=validate.OneOf(["pdf", "ubl", "cii"]))


class DocumentReply(Schema):
    """An issued document and how to send it."""

    file_name = fields.String(required=True)
    media_type = fields.String(required=True)
    content_base64 = fields.String(required=True)
    digest = fields.String(
        required=True,
        metadata={"description": "SHA-256 of the content; of `cii`: of the PDF that carries it, which the log binds"},
    )
    recipient_name = fields.String(required=True)
    recipient_email = fields.String(required=True)
    delivery = fields.String(
        required=True,
        metadata={"description": "`mail`, or `none`: the customer, or whoever imported it, wanted nothing mailed"},
    )
    encryption_key = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "age recipient that its files are encrypted to by mail"},
    )
    encryption_certificate = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "S/MIME certificate (PEM) that its mail is encrypted to"},
    )
    subject = fields.String(required=True)
    text = fields.String(required=True)
    proof = fields.String(
        required=True,
        metadata={"description": "C2SP tlog-proof of the event that archived it, which names the `digest`"},
    )


class CheckInvoiceRequest(Schema):
    """Which document or draft."""

    invoice_id = uuid_field()


class BrokenRuleSchema(Schema):
    """A rule of EN 16931, Factur-X, Peppol or XRechnung that a document breaks."""

    id = fields.String(required=True, metadata={"description": "As its authors call it, e.g. `BR-CO-25`"})
    words = fields.String(required=True)
    terms = fields.List(fields.String(), required=True, metadata={"description": "Business terms, e.g. `BT-9`"})
    line = fields.Integer(metadata={"description": "From 0; absent when it is about the whole document"})


class CheckInvoiceReply(Schema):
    """Empty when it keeps every rule that is checked."""

    rules = fields.List(fields.Nested(BrokenRuleSchema), required=True)
