"""Issued documents, many at a time, in the shapes in which they can be imported again."""

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.fields import after_field, date_field, moment_field, optional_uuid_field, text_field, uuid_field
from shared.contracts.importing import ImportedContentSchema, ImportedCustomerSchema
from shared.contracts.totals import TotalsSchema


class BeginExportRequest(Schema):
    """Which documents: issued in these days (BT-2, both included), to this customer; all, where nothing is said."""

    since = date_field(required=False)
    until = date_field(required=False)
    customer_id = optional_uuid_field()

    @validates_schema
    def _in_order(self, data: Mapping[str, str], **_: object) -> None:
        if "since" in data and "until" in data and data["since"] > data["until"]:
            raise ValidationError("Before the first day.", "until")


class BeginExportReply(Schema):
    """What pages are asked for with, until it expires; they show what was issued before this answer."""

    export = fields.String(required=True, metadata={"description": "opaque; good for this person's session alone"})
    expires_at = moment_field()
    documents = fields.Integer(required=True, metadata={"description": "that will be looked at, of whatever day"})


class ExportPageRequest(Schema):
    """What `begin_export` gave, and the `next_page` of the page before."""

    export = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    page_after = after_field()


class IssuedSchema(Schema):
    """What became of it here; an import makes all of this anew."""

    invoice_id = uuid_field()
    number = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "when the export began"})
    issued_at = moment_field()
    position = fields.Integer(required=True, metadata={"description": "of the event that issued it"})
    digest = fields.String(metadata={"description": "SHA-256 of its PDF, once that is archived"})
    totals = fields.Nested(TotalsSchema, required=True)


class ExportedDocumentSchema(Schema):
    """One document as it was issued. `key` is its number; the customer's key is their id."""

    key = text_field(200)
    customer = fields.Nested(ImportedCustomerSchema, required=True)
    content = fields.Nested(ImportedContentSchema, required=True)
    issued = fields.Nested(IssuedSchema, required=True)


class ExportPageReply(Schema):
    """Documents in the order in which they were drafted; forgotten customers' are not among them."""

    documents = fields.List(fields.Nested(ExportedDocumentSchema), required=True)
    looked_at = fields.Integer(required=True, metadata={"description": "documents, also those that were not asked for"})
    next_page = fields.Integer(metadata={"description": "`page_after` of the next page; absent on the last"})
